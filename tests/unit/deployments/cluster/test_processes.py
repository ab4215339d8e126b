import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from deployments.cluster.processes import MARKER, end_processes, find_processes

Start = Callable[..., subprocess.Popen[str]]

WAIT = "print('up', flush=True); input()"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAIT}"


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(code: str = WAIT, *, marker: str | None = None, new_session: bool = False) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if name != MARKER}
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", code],
            env={**environment, **({MARKER: marker} if marker else {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=new_session,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def pids(**arguments: object) -> set[int]:
    return {p.pid for p in find_processes(**arguments)}  # type: ignore[arg-type]


def test_marked_processes_are_ours_and_no_others(start: Start) -> None:
    ours = start(marker="0000aaaa-1")
    earlier = start(marker="0000aaaa-0")
    start(marker="0000bbbb-1")
    start()
    assert pids(marker_prefix="0000aaaa-") == {ours.pid, earlier.pid}
    assert pids(marker_prefix="0000aaaa-1") == {ours.pid}


def test_a_process_without_marker_is_known_by_its_session(start: Start) -> None:
    leader = start(new_session=True)
    start(new_session=True)
    opened_s = psutil.Process(leader.pid).create_time()
    assert pids(marker_prefix="0000cccc-", session=(leader.pid, opened_s)) == {leader.pid}


def test_a_session_id_that_came_round_again_is_not_ours(start: Start) -> None:
    leader = start(new_session=True)
    assert pids(marker_prefix="0000cccc-", session=(leader.pid, time.time() + 3600)) == set()


def test_a_dead_process_not_yet_reaped_does_not_count(start: Start) -> None:
    process = start(marker="0000dddd-1")
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert pids(marker_prefix="0000dddd-") == set()


def test_a_process_that_ignores_sigterm_is_killed(start: Start) -> None:
    polite, stubborn, other = start(marker="0000eeee-1"), start(STUBBORN, marker="0000eeee-1"), start()
    end_processes(lambda: find_processes(marker_prefix="0000eeee-"), grace_s=0.3)
    assert (polite.wait(), stubborn.wait(), other.poll()) == (-signal.SIGTERM, -signal.SIGKILL, None)


def test_what_is_started_meanwhile_is_ended_too(start: Start) -> None:
    first = start(marker="0000ffff-1")
    late: list[subprocess.Popen[str]] = []

    def find() -> list[psutil.Process]:
        found = find_processes(marker_prefix="0000ffff-")
        if not late and first.pid not in {p.pid for p in found}:
            # It is on its way out: only now, when the next look would find nothing any more.
            late.append(start(marker="0000ffff-1"))
            found = find_processes(marker_prefix="0000ffff-")
        return found

    end_processes(find, grace_s=0.2)
    assert [p.wait() for p in late] == [-signal.SIGKILL]


def test_a_process_that_cannot_be_ended_is_named() -> None:
    class Immortal(psutil.Process):
        def send_signal(self, sig: int) -> None:  # noqa: ARG002 - psutil's signature
            raise psutil.AccessDenied(self.pid)

    with pytest.raises(TimeoutError, match=f"^{os.getpid()}$"):
        end_processes(lambda: [Immortal()], grace_s=0, limit_s=0)
