import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.cluster.lock import exclusive, holder
from deployments.errors import LifecycleError

HOLD = """
import sys, time
from pathlib import Path
from deployments.cluster.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_holder_is_named_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert holder(path) == other.pid
        with pytest.raises(LifecycleError, match=f"already running from this data folder as process {other.pid}:"):
            exclusive(path).__enter__()
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert holder(path) is None
    with exclusive(path):
        assert holder(path) == os.getpid()
    assert holder(path) is None


def test_no_lock_has_no_holder(tmp_path: Path) -> None:
    assert holder(tmp_path / "lock") is None


def test_children_do_not_keep_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    wait = "print('up', flush=True); input()"
    with exclusive(path):
        child = subprocess.Popen(
            [sys.executable, "-S", "-c", wait], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
    try:
        assert holder(path) is None
    finally:
        child.communicate(b"\n")
