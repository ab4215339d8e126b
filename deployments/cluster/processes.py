"""Which processes belong to a cluster of ours, and how they are ended."""

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Iterable

import psutil

logger = logging.getLogger(__name__)

_POLL_S = 0.05
_KILL_S = 0.5

MARKER = "GLYPHSERVE_RUN_ID"
"""Environment variable that all processes of a run inherit: '<key of the data folder>-<random>'."""


def find_processes(*, marker_prefix: str, session: tuple[int, float] | None = None) -> list[psutil.Process]:
    """The live processes of a cluster, this one excepted.

    Two signs, because one is not enough: Ray's workers write their title over their own
    environment block, so that the marker is gone from it, but they stay in the POSIX session
    that `ray start` opened; Ray Jobs open sessions of their own but keep the marker.

    Args:
        marker_prefix: a whole run id, or the data folder's part of it.
        session: the session's id and when its leader started; a session older than that is
            somebody else's whose id came round again.
    """
    mine = os.getpid()
    return [p for p in psutil.process_iter() if p.pid != mine and _is_ours(p, marker_prefix, session)]


def _is_ours(process: psutil.Process, marker_prefix: str, session: tuple[int, float] | None) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if session is not None and os.getsid(process.pid) == session[0]:
            # The clock that create_time() is reckoned from may be set by a little meanwhile.
            return process.create_time() >= session[1] - 1
        return process.environ().get(MARKER, "").startswith(marker_prefix)
    except (psutil.Error, OSError):
        return False


def end_processes(find: Callable[[], Iterable[psutil.Process]], *, grace_s: float, limit_s: float = 10) -> None:
    """End all processes that ``find`` finds, however often they are started anew meanwhile.

    SIGTERM first, SIGKILL to what is left after ``grace_s``, and again until none is found.

    Raises:
        TimeoutError: some were still there after ``limit_s``.
    """
    deadline = time.monotonic() + limit_s
    for process in find():
        _send(process, signal.SIGTERM)
    _wait_gone(find, grace_s)
    while remaining := list(find()):
        if time.monotonic() > deadline:
            raise TimeoutError(", ".join(str(p.pid) for p in remaining))
        for process in remaining:
            logger.info("killing process %d", process.pid)
            _send(process, signal.SIGKILL)
        _wait_gone(find, _KILL_S)


def _wait_gone(find: Callable[[], Iterable[psutil.Process]], timeout_s: float) -> None:
    """Wait until none is found. Waiting for the processes themselves would wait for who reaps them."""
    deadline = time.monotonic() + timeout_s
    while any(True for _ in find()) and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)
