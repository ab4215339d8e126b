"""One `glyphserve up` per data folder, whatever way the last one ended."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.errors import LifecycleError


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock for as long as the block runs.

    flock(2) belongs to the open file, which no child inherits: `kill -9` frees it at once.

    Raises:
        LifecycleError: another process holds it; the message names its pid.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise LifecycleError(
                f"already running from this data folder as process {_read_pid(descriptor)}:"
                " `glyphserve status` shows it, `glyphserve down` stops it"
            ) from e
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """The pid of the process that holds the lock, or None if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_pid(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _read_pid(descriptor: int) -> int:
    text = os.pread(descriptor, 32, 0).decode("ascii", errors="replace")
    return int(text) if text.isdigit() else 0
