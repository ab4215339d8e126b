"""Waiting for something to become true, where nothing announces it."""

import threading
import time
from collections.abc import Callable

_POLL_S = 0.05


def wait_for(condition: Callable[[], bool], *, timeout_s: float) -> None:
    """Return once ``condition()`` is true; fail if it is not within the time."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not so within {timeout_s} s"
        pause.wait(_POLL_S)
