"""How often a key may knock: a token bucket for each name."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from deployments.errors import RequestError
from deployments.status import Status


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_s: float


class RateLimit:
    """Lets each name do ``per_s`` things a second on average, ``burst`` at once after a silence.

    Names must be few and ours: a bucket is kept for each for ever.

    Args:
        per_s: things a second; 0 for no limit.
        burst: how many tokens a full bucket holds.
        clock: monotonic seconds.
    """

    def __init__(self, *, per_s: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str) -> None:
        """Take a token.

        Raises:
            RequestError: there is none; it tells after how many seconds there will be.
        """
        if self._per_s == 0:
            return
        now = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(self._burst, now))
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled_s) * self._per_s)
        bucket.filled_s = now
        if bucket.tokens < 1:
            wait_s = math.ceil((1 - bucket.tokens) / self._per_s)
            raise RequestError(
                Status.TOO_MANY_REQUESTS, f"this key may send {self._per_s:g} requests a second", max(1, wait_s)
            )
        bucket.tokens -= 1
