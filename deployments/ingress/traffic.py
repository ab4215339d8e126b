"""The last minute's reading requests of one ingress replica: how many, how fast, how many failed."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_S = 60

_FASTEST_MS = 0.5
_STEP = 1.1
_STEPS = 130
"""Durations are counted in steps of a tenth, from half a millisecond to two minutes: memory does not grow with load."""


@dataclass(slots=True)
class _Second:
    at: int
    requests: int = 0
    refused: int = 0
    failed: int = 0
    durations: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficReport:
    """What the last ``WINDOW_S`` whole seconds saw.

    Attributes:
        per_second: requests of each second, the oldest first.
        refused: requests answered with 4xx.
        failed: requests answered with 5xx, or not at all.
        durations_ms: step's upper end -> requests, ascending.
    """

    per_second: tuple[int, ...]
    refused: int
    failed: int
    durations_ms: tuple[tuple[float, int], ...]

    @property
    def requests(self) -> int:
        """Requests in the window."""
        return sum(self.per_second)

    def quantile_ms(self, share: float) -> float | None:
        """The duration that so much (0..1) of the requests did not pass, a tenth too long at most."""
        wanted, seen = share * sum(count for _, count in self.durations_ms), 0
        for upper_ms, count in self.durations_ms:
            seen += count
            if seen >= wanted:
                return upper_ms
        return None


class Traffic:
    """Counts requests by the second.

    Args:
        clock: seconds, steadily growing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds: deque[_Second] = deque(maxlen=WINDOW_S + 1)

    def count(self, *, status: int, duration_s: float) -> None:
        """Count a request that has ended; ``status`` is 0 if it was not answered."""
        now = math.floor(self._clock())
        if not self._seconds or self._seconds[-1].at != now:
            self._seconds.append(_Second(now))
        second = self._seconds[-1]
        second.requests += 1
        second.refused += 400 <= status < 500
        second.failed += status >= 500 or status == 0
        step = math.ceil(math.log(max(duration_s * 1000 / _FASTEST_MS, 1)) / math.log(_STEP))
        step = min(step, _STEPS)
        second.durations[step] = second.durations.get(step, 0) + 1

    def report(self) -> TrafficReport:
        """The last minute, the second under way left out."""
        now = math.floor(self._clock())
        seconds = [second for second in self._seconds if now - WINDOW_S <= second.at < now]
        requests = {second.at: second.requests for second in seconds}
        durations: dict[int, int] = {}
        for second in seconds:
            for step, count in second.durations.items():
                durations[step] = durations.get(step, 0) + count
        return TrafficReport(
            per_second=tuple(requests.get(at, 0) for at in range(now - WINDOW_S, now)),
            refused=sum(second.refused for second in seconds),
            failed=sum(second.failed for second in seconds),
            durations_ms=tuple((_FASTEST_MS * _STEP**step, count) for step, count in sorted(durations.items())),
        )
