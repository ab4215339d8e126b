"""Threads that let others go first: reading takes long at a time, and answering takes little of it."""

import os


def lower_priority(niceness: int) -> None:
    """Give the calling thread, on Linux it alone, a niceness (0..19); a higher one that it has already stays."""
    if niceness > os.getpriority(os.PRIO_PROCESS, 0):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
