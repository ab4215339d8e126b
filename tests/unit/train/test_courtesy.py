"""Training pauses where others want the processor, and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from train.courtesy import PAUSE, Courtesy, Spent, spent

STEP_S = 2.0
HOG = "while True: pass"
WORKED = """
import os, sys, time
from train.courtesy import spent
os.sched_setaffinity(0, {int(sys.argv[1])})
begun = spent()
end_s = time.monotonic() + 0.5
while time.monotonic() < end_s:
    pass
running, waiting = (now - then for now, then in zip(spent(), begun))
print(running, waiting)
"""


def pauses(*looks: Spent) -> list[float]:
    """How long it slept after steps of two seconds, each of which ended with a look."""
    now_s = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds

    found = iter([Spent(0, 0), *looks])
    courtesy = Courtesy(spent=lambda: next(found), clock=lambda: now_s, sleep=sleep)
    slept = []
    for _ in looks:
        begun_s = now_s
        now_s += STEP_S
        courtesy.pause()
        slept.append(now_s - begun_s - STEP_S)
    return slept


def test_who_runs_when_ready_is_not_held_up() -> None:
    assert pauses(Spent(40, 10), Spent(80, 30)) == [0, 0]


def test_who_mostly_waits_pauses_for_its_share_of_what_it_worked_and_only_then() -> None:
    assert pauses(Spent(10, 90), Spent(50, 100), Spent(60, 200)) == [PAUSE * STEP_S, 0, PAUSE * STEP_S]


def test_where_nothing_is_known_nothing_is_held_up(tmp_path: Path) -> None:
    assert spent(tmp_path) == Spent(0, 0)
    assert pauses(Spent(0, 0)) == [0]


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="needs Linux's schedstat")
def test_two_on_one_processor_wait_for_each_other() -> None:
    processor = min(os.sched_getaffinity(0))

    hog = subprocess.Popen([sys.executable, "-c", HOG])
    try:
        os.sched_setaffinity(hog.pid, {processor})
        told = subprocess.run(
            [sys.executable, "-c", WORKED, str(processor)],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        ).stdout
    finally:
        hog.kill()
        hog.wait()
    running, waiting = map(int, told.split())
    assert running > 0
    assert waiting > 0.2 * (running + waiting)
