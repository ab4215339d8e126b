"""The ingress's side of the handle: coalesced calls, a deadline, one retry."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from ray.exceptions import RayActorError, RayError
from ray.serve.exceptions import BackPressureError, RayServeException

from deployments.coalescer import Coalescer
from deployments.errors import NotReadyError, TooBusyError
from deployments.ingress.recently_seen import RecentlySeen
from deployments.metrics.catalogue import WAITING_IMAGES
from deployments.metrics.meter import SILENT, Meter
from deployments.protocol import ReadJob, ReadResult, ReplicaReport
from deployments.settings.reading import ReadingSettings

logger = logging.getLogger(__name__)

REPORT_TIMEOUT_S = 2.0

REPORTS_KEPT_S = 6.0
"""Serve's autoscaler takes a question to all replicas for a call under way on each, looks once a second, and takes the
mean of five looks: one of them at most meets a question, a fifth of a call for each replica, which holds none."""


class RecognizerCalls(Protocol):
    """The two calls that a recognizer answers, whatever carries them."""

    def read(self, jobs: list[ReadJob]) -> Awaitable[list[ReadResult]]:
        """Read the images of several requests."""

    def report(self) -> Awaitable[ReplicaReport]:
        """Ask one replica which model it reads with."""

    def reports(self, *, timeout_s: float) -> Awaitable[list[ReplicaReport]]:
        """Ask all of them; who does not answer in time is left out."""


class ReadingClient:
    """Reads images through the recognizer replicas.

    Args:
        calls: how to reach the replicas.
        settings: coalescing and the deadline.
        meter: is told how many images wait.
        clock: seconds, steadily growing.
    """

    def __init__(
        self,
        calls: RecognizerCalls,
        settings: ReadingSettings,
        *,
        meter: Meter = SILENT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._meter = meter
        self._timeout_s = settings.timeout_s
        self._part_images = settings.batch_images
        self._replicas = RecentlySeen()
        self._clock = clock
        self._asking = asyncio.Lock()
        self._reports: list[ReplicaReport] = []
        self._seen_when_asked = 0
        self._asked_s = -math.inf
        self._queue = Coalescer[ReadJob, ReadResult](
            self._call,
            images=lambda job: len(job.images),
            size_bytes=lambda job: job.size_bytes,
            slots=1,
            whole_per_slot=settings.calls_per_replica,
            max_images=settings.batch_images,
            max_bytes=settings.call_bytes,
            max_waiting=settings.waiting_images,
        )

    @property
    def waiting_images(self) -> int:
        """Images that wait in this ingress replica."""
        return self._queue.waiting_images

    def check_room(self) -> None:
        """Say whether another image may wait.

        Raises:
            TooBusyError: too many wait already.
        """
        self._queue.check_room(1)

    async def read(self, job: ReadJob) -> ReadResult:
        """The readings of one request's images, by one model version; many are dealt out to the replicas.

        Raises:
            TooBusyError: too many images wait already.
            NotReadyError: no replica answered within the deadline.
        """
        size = self._part_images
        if len(job.images) <= size:
            return await self._queue.submit(job)
        parts = await self._queue.submit_all(
            [replace(job, images=job.images[i : i + size]) for i in range(0, len(job.images), size)]
        )
        if len({part.model_version for part in parts}) > 1:
            # A rollout came between; no answer mixes versions.
            return await self._queue.submit(job)
        readings = tuple(reading for part in parts for reading in part.readings)
        return replace(parts[0], readings=readings)

    async def report(self) -> ReplicaReport:
        """What one routable replica says of itself.

        Raises:
            NotReadyError: none answers.
        """
        try:
            async with asyncio.timeout(REPORT_TIMEOUT_S):
                return await self._calls.report()
        except (TimeoutError, RayError, RayServeException) as e:
            raise NotReadyError("no replica with a trained model answers", 1) from e

    async def reports(self, *, generation: int = 0) -> list[ReplicaReport]:
        """What every replica that answers says of itself, by its id; none if none does.

        Up to six seconds old, unless one of them followed an older pointer then, or a further one has read since.

        Args:
            generation: of the serving pointer now.
        """
        async with self._asking:
            seen = self._replicas.count()
            outdated = seen > self._seen_when_asked or any(r.generation < generation for r in self._reports)
            if outdated or self._clock() - self._asked_s >= REPORTS_KEPT_S:
                self._asked_s, self._seen_when_asked = self._clock(), seen
                self._reports = await self._ask_all()
            return self._reports

    async def _ask_all(self) -> list[ReplicaReport]:
        try:
            found = await self._calls.reports(timeout_s=REPORT_TIMEOUT_S)
        except (TimeoutError, RayError, RayServeException):
            return []
        return sorted(found, key=lambda report: report.replica_id)

    async def _call(self, jobs: list[ReadJob]) -> list[ReadResult]:
        # What still waits now is what the replicas are behind by.
        self._meter.set(WAITING_IMAGES, self._queue.waiting_images)
        try:
            async with asyncio.timeout(self._timeout_s):
                try:
                    results = await self._calls.read(jobs)
                except RayActorError:
                    # Reading changes nothing, so what a dying replica took along is read again.
                    logger.warning("replica lost, reading again", extra={"jobs": len(jobs)})
                    results = await self._calls.read(jobs)
        except TimeoutError as e:
            raise NotReadyError(f"no replica answered within {self._timeout_s:g} s", 1) from e
        except BackPressureError as e:
            raise TooBusyError("the replicas' queue is full", 1) from e
        except (RayActorError, RayServeException) as e:
            raise NotReadyError("no replica can answer", 1) from e
        self._replicas.saw(results[0].replica)
        self._queue.set_slots(self._replicas.count())
        return results
