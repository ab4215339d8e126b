"""The replicated deployment that reads images: ONNX Runtime behind a batching queue."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from ray import serve

from deployments.coalescer import Coalescer
from deployments.logs import configure_logging
from deployments.protocol import ReadJob, ReadResult, ReplicaReport, UnreadableImage
from deployments.settings.reading import ReadingSettings
from deployments.status import STATUS_OF_FAULT, Status
from ocr_model.constraint import Constraint
from ocr_model.errors import ConstraintError, GlyphserveError, ImageError
from ocr_model.limits import ImageLimits
from ocr_model.reader import Reader
from ocr_model.reading import Reading

logger = logging.getLogger(__name__)


class Recognizer:
    """Reads what ingress replicas send; one model, many requests at once.

    Args:
        folder: the model's folder (weights, ONNX graph, manifest).
        settings: batching and threads.
        limits: bounds on one image.

    Raises:
        CheckpointError: the folder is missing or altered; the replica does not start.
    """

    def __init__(self, *, folder: Path, settings: ReadingSettings, limits: ImageLimits) -> None:
        configure_logging()
        self._limits = limits
        self._batch_images = settings.batch_images
        self._reader = Reader.load(folder, threads=settings.threads_per_replica)
        self._images_read = 0
        self._threads = ThreadPoolExecutor(settings.batches_in_flight, thread_name_prefix="read")
        self._queue = Coalescer[ReadJob, ReadResult](
            self._read_in_thread,
            images=lambda job: len(job.images),
            size_bytes=lambda job: job.size_bytes,
            slots=settings.batches_in_flight,
            max_images=settings.batch_images,
            max_bytes=settings.call_bytes,
            # The bound on waiting requests is the ingress's: what it let in is read.
            max_waiting=1 << 30,
        )
        logger.info("model loaded", extra={"model_version": self._reader.version})

    async def read(self, jobs: list[ReadJob]) -> list[ReadResult]:
        """The readings of several requests; one unreadable image fails itself alone."""
        return list(await asyncio.gather(*map(self._queue.submit, jobs)))

    async def report(self) -> ReplicaReport:
        """Which model this replica reads with."""
        return ReplicaReport(
            replica_id=serve.get_replica_context().replica_tag,
            model_version=self._reader.version,
            images_read=self._images_read,
        )

    async def _read_in_thread(self, jobs: list[ReadJob]) -> list[ReadResult]:
        loop = asyncio.get_running_loop()
        results = await loop.run_in_executor(self._threads, self._read_jobs, jobs)
        self._images_read += sum(len(job.images) for job in jobs)
        return results

    def _read_jobs(self, jobs: list[ReadJob]) -> list[ReadResult]:
        # Taken once: a batch never mixes model versions.
        reader = self._reader
        readings = iter(self._read_images(reader, jobs))
        return [
            ReadResult(
                readings=tuple(islice(readings, len(job.images))),
                model_version=reader.version,
            )
            for job in jobs
        ]

    def _read_images(self, reader: Reader, jobs: list[ReadJob]) -> list[Reading | UnreadableImage]:
        """One entry an image, jobs one after the other."""
        pairs = [(image, job.constraint) for job in jobs for image in job.images]
        readings: list[Reading | UnreadableImage] = []
        for start in range(0, len(pairs), self._batch_images):
            batch = pairs[start : start + self._batch_images]
            try:
                readings += self._read_batch(reader, batch)
            except GlyphserveError:
                logger.exception("batch failed", extra={"requests": [job.request_id for job in jobs]})
                readings += [UnreadableImage(Status.RECOGNITION_FAILED, "the model failed on this image")] * len(batch)
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
            read = reader.recognise(np.stack(inputs), constraints)
            for place, reading in zip(places, read, strict=True):
                readings[place] = reading
        return [r for r in readings if r is not None]
