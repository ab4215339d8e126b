"""The replicated deployment that reads images: ONNX Runtime behind a batching queue."""

import asyncio
import logging
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np
from ray import serve

from deployments.coalescer import Coalescer
from deployments.lane.server import open_lane
from deployments.logs import configure_logging
from deployments.metrics.catalogue import (
    BATCH_IMAGES,
    BATCH_SECONDS,
    CONFIDENCE_EXPECTED,
    CONFIDENCE_MEAN,
    LOOKED_AGAIN,
    MODEL_GENERATION,
    MODEL_INFO,
)
from deployments.metrics.meter import RayMeter
from deployments.metrics.model_gauges import EXPECTED_KEY, ModelGauges
from deployments.protocol import LoadReport, ReadJob, ReadResult, ReplicaReport, UnreadableImage
from deployments.replica_sockets import listen_on_loopback
from deployments.rollout.follower import Follower
from deployments.rollout.library import ModelLibrary
from deployments.rollout.live_model import Live, LiveModel, Load
from deployments.rollout.memory import give_memory_back
from deployments.rollout.own_thread import in_own_thread
from deployments.settings.service import ServiceSettings
from deployments.status import STATUS_OF_FAULT, Status
from ocr_model.constraint import Constraint
from ocr_model.errors import ConstraintError, GlyphserveError, ImageError
from ocr_model.reader import Reader
from ocr_model.reading import Reading

logger = logging.getLogger(__name__)


class Recognizer:
    """Reads what ingress replicas send; one model, many requests at once.

    It starts with the version that the serving pointer names, never with an older one, and comes to
    read with each later one while it goes on reading.

    Args:
        settings: the service's settings.
        shipped: folder of the model to register, and to serve while no retrained one is.

    Raises:
        CheckpointError: the model's folder is missing or altered; the replica does not start.
        StorageError: records or blobs cannot be reached; the replica does not start.
        DeviceError: the model cannot run on the device of the settings; the replica does not start.
    """

    def __init__(self, *, settings: ServiceSettings, shipped: Path) -> None:
        configure_logging(settings.log_level)
        listen_on_loopback()
        reading = settings.reading
        self._limits = settings.limits.image
        self._batch_images = reading.batch_images
        self._library = ModelLibrary.open(settings.storage)
        load = partial(
            self._library.load,
            threads=reading.threads_per_replica,
            device=reading.device,
            again_below=reading.look_again_below,
        )
        self._live = LiveModel(_first(self._library, shipped, load), load)
        self._meter = RayMeter(
            BATCH_IMAGES,
            BATCH_SECONDS,
            LOOKED_AGAIN,
            MODEL_INFO,
            MODEL_GENERATION,
            CONFIDENCE_MEAN,
            CONFIDENCE_EXPECTED,
        )
        self._gauges = ModelGauges(self._meter)
        self._live.watch(lambda live: self._gauges.serving(live.reader.version, live.generation))
        self._follower = Follower(self._live, self._library.pointer, every_s=settings.rollout.follow_every_s)
        # The pointer may have moved while the model was loading; ready means ready with the newest.
        self._follower.compare()
        self._follower.start()
        self._images_read = 0
        self._name = uuid.uuid4().hex
        # On Linux a niceness is the calling thread's alone.
        self._threads = ThreadPoolExecutor(
            reading.batches_in_flight, "read", initializer=os.nice, initargs=(reading.niceness,)
        )
        # A call stays whole: cut in two, its first half would wait for the second's batch.
        self._queue = Coalescer[list[ReadJob], list[ReadResult]](
            self._read_in_thread,
            images=lambda jobs: sum(len(job.images) for job in jobs),
            size_bytes=lambda jobs: sum(job.size_bytes for job in jobs),
            slots=reading.batches_in_flight,
            max_images=reading.batch_images,
            max_bytes=reading.call_bytes,
            # The bound on waiting requests is the ingress's: what it let in is read.
            max_waiting=1 << 30,
        )
        open_lane(self.read)
        logger.info(
            "model loaded",
            extra={"model_version": self._live.live.reader.version, "generation": self._live.live.generation},
        )

    async def read(self, jobs: list[ReadJob]) -> list[ReadResult]:
        """The readings of several requests; one unreadable image fails itself alone."""
        return await self._queue.submit(jobs)

    async def report(self) -> ReplicaReport:
        """Which model this replica reads with."""
        live = self._live.live
        return ReplicaReport(
            replica_id=serve.get_replica_context().replica_tag,
            model_version=live.reader.version,
            generation=live.generation,
            images_read=self._images_read,
            fault=self._live.fault,
        )

    async def prepare(self, version: str) -> LoadReport:
        """Load a version beside the live one."""
        replica_id = serve.get_replica_context().replica_tag
        try:
            await in_own_thread(partial(self._live.prepare, version))
        except GlyphserveError as e:
            logger.warning("cannot prepare", extra={"model_version": version}, exc_info=True)
            return LoadReport(replica_id=replica_id, model_version=version, fault=str(e))
        return LoadReport(replica_id=replica_id, model_version=version)

    async def activate(self, generation: int, version: str) -> ReplicaReport:
        """Read with a version from the next batch on; one that is not prepared here is loaded first."""
        try:
            if not self._live.activate(generation, version):
                await in_own_thread(partial(self._live.follow, generation, version))
        except GlyphserveError:
            logger.warning("cannot activate", extra={"model_version": version}, exc_info=True)
        await in_own_thread(give_memory_back)
        return await self.report()

    async def discard(self, version: str) -> None:
        """Forget a version that was prepared in vain."""
        self._live.discard(version)
        await in_own_thread(give_memory_back)

    async def _read_in_thread(self, calls: list[list[ReadJob]]) -> list[list[ReadResult]]:
        jobs = list(chain.from_iterable(calls))
        loop = asyncio.get_running_loop()
        results = iter(await loop.run_in_executor(self._threads, self._read_jobs, jobs))
        self._images_read += sum(len(job.images) for job in jobs)
        return [list(islice(results, len(call))) for call in calls]

    def _read_jobs(self, jobs: list[ReadJob]) -> list[ReadResult]:
        logger.debug("reading", extra={"requests": [job.request_id for job in jobs]})
        self._follower.compare_before_the_first()
        # Taken once: a batch never mixes model versions.
        reader = self._live.live.reader
        readings = iter(self._read_images(reader, jobs))
        return [
            ReadResult(
                readings=tuple(islice(readings, len(job.images))),
                model_version=reader.version,
                replica=self._name,
            )
            for job in jobs
        ]

    def _read_images(self, reader: Reader, jobs: list[ReadJob]) -> list[Reading | UnreadableImage]:
        """One entry an image, jobs one after the other."""
        pairs = [(image, job.constraint) for job in jobs for image in job.images]
        readings: list[Reading | UnreadableImage] = []
        for start in range(0, len(pairs), self._batch_images):
            batch = pairs[start : start + self._batch_images]
            began_s = time.perf_counter()
            try:
                readings += self._read_batch(reader, batch)
            except GlyphserveError:
                logger.exception("batch failed", extra={"requests": [job.request_id for job in jobs]})
                readings += [UnreadableImage(Status.RECOGNITION_FAILED, "the model failed on this image")] * len(batch)
            self._meter.observe(BATCH_SECONDS, time.perf_counter() - began_s)
        return readings

    def _read_batch(self, reader: Reader, batch: list[tuple[bytes, Constraint]]) -> list[Reading | UnreadableImage]:
        readings: list[Reading | UnreadableImage | None] = [None] * len(batch)
        inputs, constraints, places = [], [], []
        for place, (image, constraint) in enumerate(batch):
            try:
                reader.check(constraint)
                inputs.append(reader.prepare(image, self._limits))
            except ConstraintError as e:
                readings[place] = UnreadableImage(Status.BAD_CONSTRAINT, str(e))
                continue
            except ImageError as e:
                readings[place] = UnreadableImage(STATUS_OF_FAULT[e.fault], e.detail)
                continue
            constraints.append(constraint)
            places.append(place)
        if inputs:
            self._meter.observe(BATCH_IMAGES, len(inputs))
            read = reader.recognise(np.stack(inputs), constraints)
            if again := sum(reading.looks > 1 for reading in read):
                self._meter.count(LOOKED_AGAIN, again)
            expected = reader.manifest.metrics.get(EXPECTED_KEY)
            self._gauges.read(reader.version, (reading.confidence for reading in read), expected=expected)
            for place, reading in zip(places, read, strict=True):
                readings[place] = reading
        return [r for r in readings if r is not None]


def _first(library: ModelLibrary, shipped: Path, load: Load) -> Live:
    """Load what is to be read with at first; a replica that cannot start leaves no connection open."""
    try:
        pointer = library.register_shipped(shipped)
        return Live(pointer.generation, load(pointer.version))
    except BaseException:
        library.close()
        raise
