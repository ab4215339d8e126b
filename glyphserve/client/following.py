"""Following a retrain job over breaks of the connection and restarts of the service, without input and output."""

import time
from http import HTTPStatus

import httpx
from httpx_sse import ServerSentEvent

from glyphserve.client.call import failure, unreachable
from glyphserve.client.errors import ServiceAwayError
from glyphserve.client.results import FINAL_STATES, Event

PAUSE_S = 1.0
"""Before coming back for more."""
QUIET_S = 60.0
"""A stream that says nothing for so long is broken: it shows every 15 s that it lives."""


class Following:
    """What was heard of a job, and how long ago.

    Args:
        url: of the service, for errors.
        patience_s: how long the service may be away; the job itself goes on.
    """

    def __init__(self, url: str, *, patience_s: float) -> None:
        self._url = url
        self._patience_s = patience_s
        self._heard_s = time.monotonic()
        self._seen = "0"
        self.is_over = False

    @property
    def pause_s(self) -> float:
        """Seconds to wait before coming back."""
        return PAUSE_S

    @property
    def headers(self) -> dict[str, str]:
        """Of the request for what comes next."""
        return {"Last-Event-ID": self._seen, "Accept": "text/event-stream"}

    def answered(self, response: httpx.Response) -> bool:
        """Take in the head of an answer; whether events follow.

        The body of an answer other than 200 must have been read.

        Raises:
            ServiceError: the service refuses.
            ServiceAwayError: it has been away for too long.
        """
        if response.status_code == HTTPStatus.OK:
            self._heard_s = time.monotonic()
            return True
        if response.status_code == HTTPStatus.NO_CONTENT:
            self.is_over = True
            return False
        error = failure(response)
        if not isinstance(error, ServiceAwayError):
            raise error
        self._be_patient(error)
        return False

    def take(self, told: ServerSentEvent) -> Event | None:
        """The event that was told, if it is one."""
        self._heard_s = time.monotonic()
        if not told.id or not told.data:
            return None
        self._seen = told.id
        event = Event(int(told.id), told.event, told.json())
        self.is_over = event.kind == "state" and event.data.get("state") in FINAL_STATES
        return event

    def lost(self, error: httpx.TransportError) -> None:
        """Take in that the connection broke; raises ServiceAwayError if it has been away for too long."""
        self._be_patient(unreachable(self._url, error))

    def _be_patient(self, error: ServiceAwayError) -> None:
        if time.monotonic() > self._heard_s + self._patience_s:
            raise error
