"""A job's events as a stream of server-sent ones (WHATWG HTML, section 9.2)."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Protocol

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from deployments.archive import Job
from deployments.errors import StorageError
from deployments.ingress.shown import shown_event
from deployments.records import EventRow

logger = logging.getLogger(__name__)

POLL_S = 1.0
"""Between two looks at the records."""
_HEARTBEAT_S = 15.0
"""Without an event for so long, a comment shows that the stream lives, to both sides and what lies between."""
_STREAM_S = 45.0
"""How old a stream grows: less than `request_timeout_s` of cluster.yaml, past which Serve cuts it in mid-air."""
_RECONNECT_MS = 1000
_BATCH = 500


class JobEvents(Protocol):
    """Where events come from."""

    async def get(self, retrain_id: str) -> Job | None:
        """One job."""

    async def events(self, retrain_id: str, *, after: int, limit: int) -> tuple[EventRow, ...]:
        """What happened to it."""


async def event_stream(jobs: JobEvents, retrain_id: str, *, after: int) -> AsyncIterator[bytes]:
    """Events numbered above ``after`` as they come, until the job has ended or the stream is old.

    Records that cannot be read are no event: the stream ends, and who watches comes back.
    """
    ends_s = time.monotonic() + _STREAM_S
    told_s = time.monotonic()
    retry_ms: int | None = _RECONNECT_MS
    try:
        while True:
            # The state first: what comes after a final one is nothing, so none is missed.
            job = await jobs.get(retrain_id)
            events = await jobs.events(retrain_id, after=after, limit=_BATCH)
            for event in events:
                after = event.seq
                # Told with an event: not every client takes a block without data for no event.
                yield _encoded(event, retry_ms)
                retry_ms = None
            if len(events) == _BATCH:
                continue
            if job is None or job.row.state.is_final or time.monotonic() > ends_s:
                return
            if events:
                told_s = time.monotonic()
            elif time.monotonic() > told_s + _HEARTBEAT_S:
                yield KEEPALIVE_COMMENT
                told_s = time.monotonic()
            await asyncio.sleep(POLL_S)
    except StorageError as e:
        logger.warning("a stream of events ends: %s", e)


def _encoded(event: EventRow, retry_ms: int | None) -> bytes:
    data = json.dumps(shown_event(event), ensure_ascii=False)
    return format_sse_event(data_str=data, event=event.kind, id=str(event.seq), retry=retry_ms)
