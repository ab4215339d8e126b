"""The client for asyncio."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from httpx_sse import SSEError, aconnect_sse

from glyphserve.client import calls
from glyphserve.client.call import Call
from glyphserve.client.connection import DEFAULT_URL, options
from glyphserve.client.conversation import Pause, conversation
from glyphserve.client.errors import ServiceError
from glyphserve.client.following import QUIET_S, Following
from glyphserve.client.images import ImageFile
from glyphserve.client.restriction import ANYTHING, Restriction
from glyphserve.client.results import (
    Activation,
    Event,
    Health,
    Model,
    Models,
    Reading,
    Recognition,
    Retrain,
    StoredImage,
)
from glyphserve.client.retries import Retries

T = TypeVar("T")


class AsyncClient:
    """`Client` for asyncio: the same methods, awaited; tasks of one event loop may share it.

    Every method raises ServiceError when the service refuses, and ServiceAwayError when it does not answer
    or cannot now, after the attempts that ``retries`` allows.

    Args:
        url: where the service is.
        key: admin or read key, if it wants one.
        retries: how patient to be.
    """

    def __init__(self, url: str = DEFAULT_URL, *, key: str | None = None, retries: Retries | None = None) -> None:
        self.url = url.rstrip("/")
        self._retries = retries or Retries()
        self._http = httpx.AsyncClient(**options(self.url, key))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def read(self, image: ImageFile, restriction: Restriction = ANYTHING) -> Reading:
        """Read an image; OSError if it is a file that cannot be read."""
        # A file's disk may be slow: the event loop does not wait for it.
        return await self._send(await asyncio.to_thread(calls.read_image, image, restriction))

    async def read_many(
        self, images: Iterable[ImageFile], restriction: Restriction = ANYTHING, *, at_once: int = 8
    ) -> AsyncIterator[Reading | ServiceError]:
        """Read images, some at once, in their order; what the service refuses comes as its error, in its place."""
        gate = asyncio.Semaphore(at_once)

        async def read(image: ImageFile) -> Reading | ServiceError:
            async with gate:
                try:
                    return await self.read(image, restriction)
                except ServiceError as e:
                    return e

        tasks = [asyncio.create_task(read(image)) for image in images]
        try:
            for task in tasks:
                yield await task
        finally:
            for task in tasks:
                task.cancel()

    async def read_url(
        self, url: str, count: int = 1, *, session_id: str = "glyphserve", restriction: Restriction = ANYTHING
    ) -> list[Reading]:
        """Have the service download ``url`` so many times, with ``session_id`` as its cookie, and read all images."""
        return await self._send(calls.read_url(url, count, session_id, restriction))

    async def recognitions(
        self,
        *,
        min_confidence: float | None = None,
        max_confidence: float | None = None,
        corrected: bool | None = None,
    ) -> AsyncIterator[Recognition]:
        """What was read, newest first, page by page as it is asked for."""
        before: str | None = None
        while True:
            page = await self._send(
                calls.recognitions(
                    min_confidence=min_confidence, max_confidence=max_confidence, corrected=corrected, before=before
                )
            )
            for row in page["items"]:
                yield Recognition.model_validate(row)
            before = page["next"]
            if before is None:
                return

    async def recognition(self, recognition_id: str) -> Recognition:
        """What was read from one image."""
        return await self._send(calls.recognition(recognition_id))

    async def image(self, recognition_id: str) -> StoredImage:
        """An image as it was received."""
        return await self._send(calls.image(recognition_id))

    async def label(self, recognition_id: str, text: str) -> Recognition:
        """Say what an image shows; a retrain from corrections learns it."""
        return await self._send(calls.label(recognition_id, text))

    async def order_retrain(
        self,
        images: Sequence[ImageFile] = (),
        labels: Sequence[str] = (),
        *,
        corrections: bool = False,
        since: datetime | None = None,
        debug: bool = False,
    ) -> Retrain:
        """Order a retrain from labelled images, from the stored corrections (since a time), or both."""
        call = await asyncio.to_thread(
            calls.order_retrain, images, labels, corrections=corrections, since=since, debug=debug
        )
        return await self._send(call)

    async def retrain(self, retrain_id: str) -> Retrain:
        """Where a retrain stands."""
        return await self._send(calls.retrain(retrain_id))

    async def cancel_retrain(self, retrain_id: str) -> Retrain:
        """End a retrain that has not ended."""
        return await self._send(calls.cancel_retrain(retrain_id))

    async def follow(self, retrain_id: str, *, patience_s: float = 120.0) -> AsyncIterator[Event]:
        """Everything that happens to a retrain, from its first event, as it happens, until it has ended.

        Breaks of the connection and restarts of the service are waited for, so long as none takes longer
        than ``patience_s``.
        """
        following = Following(self.url, patience_s=patience_s)
        while not following.is_over:
            try:
                async with aconnect_sse(
                    self._http, "GET", calls.events_path(retrain_id), headers=following.headers, timeout=QUIET_S
                ) as source:
                    if source.response.status_code != httpx.codes.OK:
                        await source.response.aread()
                    if following.answered(source.response):
                        async for told in source.aiter_sse():
                            if event := following.take(told):
                                yield event
            except httpx.TransportError as e:
                following.lost(e)
            except SSEError as e:
                raise ServiceError(f"{self.url} does not answer as glyphserve does: {e}") from e
            if not following.is_over:
                await asyncio.sleep(following.pause_s)

    async def models(self, *, before: str | None = None) -> Models:
        """The model's versions, newest first, and which one serves; `next` of a page is `before` of the following."""
        return await self._send(calls.models(before))

    async def model(self, version: str) -> Model:
        """One version, with its lineage and verdict."""
        return await self._send(calls.model(version))

    async def activate(self, version: str, *, reason: str = "") -> Activation:
        """Serve a version on every replica, back or forward."""
        return await self._send(calls.activate(version, reason))

    async def health(self) -> Health:
        """What one replica says of itself; raises ServiceAwayError while none can read."""
        return await self._send(calls.health())

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        parameters: Mapping[str, str | int | float | bool | None] | None = None,
    ) -> dict[str, Any]:
        """Whatever else the service has: JSON both ways."""
        return await self._send(calls.anything(method, path, body, parameters or {}))

    async def _send(self, call: Call[T]) -> T:
        talk = conversation(call, url=self.url, retries=self._retries)
        step = next(talk)
        try:
            while True:
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                    step = talk.send(None)
                else:
                    step = talk.send(await self._exchange(step))
        except StopIteration as done:
            result: T = done.value
            return result

    async def _exchange(self, call: Call[T]) -> httpx.Response | httpx.TransportError:
        try:
            return await self._http.request(call.method, call.path, json=call.body, params=call.sent_parameters)
        except httpx.TransportError as e:
            return e
        except httpx.InvalidURL as e:
            raise ServiceError(f"{self.url} is no URL: {e}") from e
