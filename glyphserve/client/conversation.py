"""The exchange of one call, attempts and pauses, without input and output: both clients drive the same one."""

import itertools
from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

import httpx

from glyphserve.client.call import Call, failure, unreachable
from glyphserve.client.retries import Retries

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before going on.

    Attributes:
        seconds: how long.
    """

    seconds: float


Outcome = httpx.Response | httpx.TransportError
Conversation = Generator[Call[T] | Pause, Outcome | None, T]
"""Yields what to do next; is sent how a call ended, or None after a pause; returns the result."""


def conversation(call: Call[T], *, url: str, retries: Retries) -> Conversation[T]:
    """Send a call until it succeeds or no further attempt may help.

    Raises:
        ServiceError: the service refused it.
        ServiceAwayError: it did not answer, or cannot now.
    """
    for tried in itertools.count(1):
        outcome = yield call
        if outcome is None:
            raise TypeError("a call ends with a response or an error")
        if isinstance(outcome, httpx.Response) and outcome.is_success:
            return call.parse(outcome)
        pause_s = retries.pause_s(call, tried, outcome)
        if pause_s is None:
            if isinstance(outcome, httpx.Response):
                raise failure(outcome)
            raise unreachable(url, outcome) from outcome
        yield Pause(pause_s)
    raise AssertionError("unreachable")
