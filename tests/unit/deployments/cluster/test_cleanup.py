import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deployments.cluster.cleanup import clean_up
from deployments.cluster.lock import exclusive
from deployments.cluster.paths import ClusterPaths, folder_key
from deployments.cluster.processes import MARKER
from deployments.cluster.stop import stop_cluster
from deployments.errors import LifecycleError

WAIT = "import time; print('up', flush=True); time.sleep(600)"
# A supervisor that lets go of the lock at SIGTERM, as `glyphserve up` does.
SUPERVISE = """
import signal, sys, threading
from pathlib import Path
from deployments.cluster.lock import exclusive
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
with exclusive(Path(sys.argv[1])):
    print("up", flush=True)
    stop.wait()
"""


def start(*arguments: str, marker: str = "") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", *arguments],
        env={**os.environ, **({MARKER: marker} if marker else {})},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


@pytest.fixture
def paths(tmp_path: Path) -> ClusterPaths:
    found = ClusterPaths(data_dir=tmp_path / "data", temp_dir=tmp_path / "t")
    found.prepare()
    return found


def test_orphans_are_ended_even_if_the_state_is_lost(paths: ClusterPaths) -> None:
    with start(WAIT, marker=f"{folder_key(paths.data_dir)}-1") as orphan:
        assert stop_cluster(paths) == "nothing was running; processes left behind, now ended: 1"
        assert orphan.wait() != 0
    assert stop_cluster(paths) == "nothing is running"


def test_orphans_are_ended_even_if_the_data_folder_is_gone(paths: ClusterPaths) -> None:
    paths.data_dir.rmdir()
    with start(WAIT, marker=f"{folder_key(paths.data_dir)}-1") as orphan:
        assert stop_cluster(paths) == "nothing was running; processes left behind, now ended: 1"
        assert orphan.wait() != 0


def test_the_cluster_of_another_folder_is_left_alone(paths: ClusterPaths) -> None:
    with start(WAIT, marker="00000000-1") as other:
        assert clean_up(paths, drain_s=0) == 0
        assert psutil.pid_exists(other.pid)
        other.kill()


def test_the_supervisor_is_asked_first(paths: ClusterPaths) -> None:
    with start(SUPERVISE, str(paths.lock)) as supervisor:
        assert stop_cluster(paths) == "stopped"
        assert supervisor.wait() == 0


def test_a_supervisor_that_does_not_stop_is_named(paths: ClusterPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.cluster.stop.SUPERVISOR_STOP_S", 0.0)
    monkeypatch.setattr(os, "kill", lambda *_: None)
    with exclusive(paths.lock), pytest.raises(LifecycleError, match=f"process {os.getpid()} does not stop"):
        stop_cluster(paths)


def test_old_sessions_go_and_the_last_logs_stay(paths: ClusterPaths) -> None:
    for day in (1, 2, 3):
        (paths.temp_dir / f"session_2026-01-0{day}" / "sockets").mkdir(parents=True)
        (paths.temp_dir / f"session_2026-01-0{day}" / "logs").mkdir()
    (paths.temp_dir / "session_latest").symlink_to(paths.temp_dir / "session_2026-01-03")
    (paths.temp_dir / "node").mkdir()
    (paths.temp_dir / "node" / "haproxy.cfg").touch()
    clean_up(paths, drain_s=0)
    assert sorted(p.name for p in paths.temp_dir.iterdir()) == [
        "session_2026-01-02",
        "session_2026-01-03",
        "session_latest",
    ]
    assert [p.name for p in (paths.temp_dir / "session_2026-01-03").iterdir()] == ["logs"]


def test_a_folder_that_never_ran_is_not_created(tmp_path: Path) -> None:
    paths = ClusterPaths(data_dir=tmp_path / "data", temp_dir=tmp_path / "t")
    assert stop_cluster(paths) == "nothing is running"
    assert list(tmp_path.iterdir()) == []
