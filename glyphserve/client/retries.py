"""Whether a request is sent again, and after how long."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from glyphserve.client.call import Call

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOT_NOW = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How patient a client is.

    Attributes:
        attempts: how often a request is sent in all.
        first_pause_s: longest pause before the second attempt; it doubles with each further one.
        longest_pause_s: where it stops to grow.
        longest_asked_s: longest `Retry-After` that is waited for; past it the error is raised at once.
        chance: 0..1, drawn for each pause, so that many clients do not come back together.
    """

    attempts: int = 4
    first_pause_s: float = 0.5
    longest_pause_s: float = 8.0
    longest_asked_s: float = 60.0
    chance: Callable[[], float] = random.random

    def pause_s(self, call: Call[object], tried: int, outcome: httpx.Response | httpx.TransportError) -> float | None:
        """Seconds to wait before the next attempt; None if there is to be none.

        Args:
            call: what was sent.
            tried: how often.
            outcome: how the last attempt ended, which was no success.
        """
        if tried >= self.attempts or not _may_help(call, outcome):
            return None
        drawn_s = self.chance() * min(self.longest_pause_s, self.first_pause_s * 2.0 ** (tried - 1))
        asked_s = _asked_s(outcome) if isinstance(outcome, httpx.Response) else 0.0
        # The service knows best when; the chance on top keeps its clients apart.
        return None if asked_s > self.longest_asked_s else asked_s + drawn_s


NO_RETRIES = Retries(attempts=1)
"""Every failure is raised at once."""


def _may_help(call: Call[object], outcome: httpx.Response | httpx.TransportError) -> bool:
    if isinstance(outcome, httpx.Response):
        # 429: it was turned away at the door, so nothing was done.
        refused = outcome.status_code == HTTPStatus.TOO_MANY_REQUESTS
        return refused or (outcome.status_code in _NOT_NOW and call.repeatable)
    return call.repeatable or isinstance(outcome, _NOT_SENT)


def _asked_s(response: httpx.Response) -> float:
    """`Retry-After` in seconds, which may be a number or a date (RFC 9110, section 10.2.3); 0 without one."""
    given = response.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0
