"""Pausing where others want the processor: the lowest priority alone still slows them down.

A process that has only what serving leaves idle still shares caches, memory and the processor's clock with it, and
keeps a core awake on which a reader could start at once.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

CROWDED = 0.6
"""Share of the time in which this process was ready to run and did not. Drawing and training alone keep each other
from a third of it on two cores."""

PAUSE = 1.25
"""Length of a pause, in times what was worked before it. As long was just too little for readers, twice as long
gathers the work in bursts that lengthen their slowest requests (docs/reliability.md)."""

_TASKS = Path("/proc/self/task")


class Spent(NamedTuple):
    """What the threads of this process had, nanoseconds."""

    running: int
    waiting: int


def spent(tasks: Path = _TASKS) -> Spent:
    """Time on a processor and time ready to run without one, of all threads together.

    Source: "/proc/<pid>/schedstat" in Documentation/scheduler/sched-stats.rst of Linux. Zero where there is none.
    """
    running = waiting = 0
    for path in tasks.glob("*/schedstat"):
        # A thread may have ended since it was listed.
        with suppress(OSError, ValueError):
            ran, waited, _ = path.read_text(encoding="ascii").split()
            running += int(ran)
            waiting += int(waited)
    return Spent(running, waiting)


class Courtesy:
    """Sleeps a little longer than was worked since the last time, where most of that was spent waiting for a processor.

    So a machine that serves all it can gives training less than half of what it leaves idle, and one that has time
    to spare is trained on without a pause.
    """

    def __init__(
        self,
        *,
        spent: Callable[[], Spent] = spent,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._spent = spent
        self._clock = clock
        self._sleep = sleep
        self._before = spent()
        self._since_s = clock()

    def pause(self) -> float:
        """Pause if it is due; how long, in seconds."""
        now = self._spent()
        running, waiting = now.running - self._before.running, now.waiting - self._before.waiting
        worked_s = self._clock() - self._since_s
        pause_s = PAUSE * worked_s if waiting > CROWDED * (running + waiting) else 0.0
        if pause_s:
            self._sleep(pause_s)
        self._before, self._since_s = now, self._clock()
        return pause_s
