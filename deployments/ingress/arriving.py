"""Images are read while further ones of their request are still on their way."""

import asyncio
from dataclasses import replace

from deployments.ingress.reading import ReadingClient
from deployments.protocol import ReadJob, ReadResult, UnreadableImage
from ocr_model.reading import Reading

PART_IMAGES = 8
"""Images that have to be there before they are sent to be read; fewer cost more calls and smaller batches."""


class ArrivingImages:
    """Sends a request's images to be read, in parts, as they arrive; one use each.

    Args:
        client: reads.
        job: of the request; its images are those that arrive.
        count: how many will.
        group: holds the reads that are under way, and so ends them all when one fails.
    """

    def __init__(self, client: ReadingClient, job: ReadJob, *, count: int, group: asyncio.TaskGroup) -> None:
        self._client = client
        self._job = job
        self._left = count
        self._group = group
        self._part: list[tuple[int, bytes]] = []
        self._reads: list[tuple[tuple[int, ...], asyncio.Task[ReadResult]]] = []

    def add(self, place: int, image: bytes) -> None:
        """Take the image that belongs at a place of the answer."""
        self._part.append((place, image))
        self._left -= 1
        if len(self._part) < PART_IMAGES and self._left:
            return
        places, images = zip(*self._part, strict=True)
        self._part = []
        read = self._group.create_task(self._client.read(replace(self._job, images=images)))
        self._reads.append((places, read))

    async def result(self, images: tuple[bytes, ...]) -> ReadResult:
        """The readings of all images, once all have arrived, by one model version.

        Args:
            images: all of them, in their places.
        """
        results = [(places, await read) for places, read in self._reads]
        _, first = results[0]
        if any(result.model_version != first.model_version for _, result in results):
            # A rollout came between; no answer mixes versions.
            return await self._client.read(replace(self._job, images=images))
        readings: dict[int, Reading | UnreadableImage] = {}
        for places, result in results:
            readings.update(zip(places, result.readings, strict=True))
        return replace(first, readings=tuple(readings[place] for place in range(len(images))))
