"""Giving way to whoever serves on the same machine."""

import os
from contextlib import suppress
from pathlib import Path

LOWEST = 19

_AUTOGROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Run this process, and those it starts, at the lowest priority.

    Where Linux schedules by session (``sched_autogroup_enabled``; sched(7)), niceness counts among the
    processes of one session only, and between sessions that of the session. A process that leads its
    session, or was started by its leader, therefore lowers the session too; anybody else's is left alone.
    """
    os.nice(LOWEST)
    if os.getsid(0) in {os.getpid(), os.getppid()}:
        with suppress(OSError):  # no Linux, or a kernel without the feature
            _AUTOGROUP.write_text(str(LOWEST), encoding="ascii")
