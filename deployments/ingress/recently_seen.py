"""How many recognizer replicas there are, by who answered lately: Serve tells an ingress nothing of it."""

import time
from collections.abc import Callable

_FORGET_S = 30.0
"""Longer than a call is waited for by default: else a frozen replica was forgotten while it still holds calls."""


class RecentlySeen:
    """Counts names that were seen in the last half minute.

    A replica that was just added is seen with the first call that it answers, which is soon: of two
    replicas Serve's router takes the one with fewer calls under way.

    Args:
        clock: seconds, steadily growing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen_s: dict[str, float] = {}

    def saw(self, name: str) -> None:
        """Note that ``name`` has just been seen."""
        self._seen_s[name] = self._clock()

    def count(self) -> int:
        """How many there are; who was not seen for half a minute is forgotten."""
        since_s = self._clock() - _FORGET_S
        self._seen_s = {name: seen_s for name, seen_s in self._seen_s.items() if seen_s >= since_s}
        return len(self._seen_s)
