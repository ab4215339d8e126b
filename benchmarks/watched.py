"""Calls whose processor time and memory are watched from within the process (Linux)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

_T = TypeVar("_T")
_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


@dataclass(frozen=True)
class Watched(Generic[_T]):
    """What a call gave, and what it took.

    Attributes:
        result: what it returned, or the exception that it raised.
        cpu_s: processor time of the calling thread, in seconds; other work on the machine does not count.
        grown_bytes: by how much the process's resident memory rose above where it stood, at most.
    """

    result: _T | Exception
    cpu_s: float
    grown_bytes: int


def watch(call: Callable[[], _T]) -> Watched[_T]:
    """Make a call and watch it; no other thread should be at work."""
    _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
    before = _status_bytes("VmRSS")
    began_s = time.thread_time()
    try:
        result: _T | Exception = call()
    except Exception as e:  # noqa: BLE001 - it is what the caller wants to know of
        result = e
    cpu_s = time.thread_time() - began_s
    return Watched(result, cpu_s, max(0, _status_bytes("VmHWM") - before))


def resident_bytes() -> int:
    """Resident memory of this process."""
    return _status_bytes("VmRSS")


def _status_bytes(field: str) -> int:
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * 1024
    raise LookupError(field)
