"""The one door to storage for the ingress: asynchronous, durable before it answers."""

import asyncio
import time
from collections.abc import Sequence
from typing import Self

from deployments.archive.committer import Committer
from deployments.archive.corrections import Corrections
from deployments.archive.dataset_store import store_dataset
from deployments.archive.door import Door
from deployments.archive.entries import Example, NewRecognition, StoredImage
from deployments.archive.group import Line
from deployments.archive.jobs import Jobs
from deployments.archive.layout import new_check_key
from deployments.archive.sweep import Sweeper
from deployments.archive.versions import Versions
from deployments.blobs import BlobStore
from deployments.records import Database, Page, RecognitionRecords, RecognitionRow, RetrainRow, Source
from deployments.records.rows import is_id
from deployments.settings.storage import StorageSettings

_CHECK_STANDS_S = 1.0


class Archive:
    """Records and blobs of one process; any number of processes may share the same stores.

    Everything that fails raises StorageError and leaves nothing half-stored; the next call tries
    afresh, so that a store that comes back is used again without a restart.

    Attributes:
        jobs: the retrain jobs.
        versions: the model versions.
        corrections: what people say that images show.
    """

    def __init__(self, settings: StorageSettings, *, blobs: BlobStore, database: Database) -> None:
        self._blobs = blobs
        self._database = database
        self._committer = Committer(
            Line(
                group_max_images=settings.group_max_images,
                group_max_bytes=settings.group_max_bytes,
                queue_max_images=settings.queue_max_images,
                queue_max_bytes=settings.queue_max_bytes,
            ),
            blobs=blobs,
            database=database,
            orphan_age_s=settings.orphan_age_s,
        )
        self._sweeper = Sweeper(blobs, database, orphan_age_s=settings.orphan_age_s, every_s=settings.sweep_every_s)
        self._door = Door(database)
        self.jobs = Jobs(self._door, blobs=blobs)
        self.versions = Versions(self._door)
        self.corrections = Corrections(self._door, blobs=blobs, database=database)
        self._checked_at_s = -_CHECK_STANDS_S

    @classmethod
    def open(cls, settings: StorageSettings) -> Self:
        """Open both stores, bring the schema up to date, start committing. Blocks; needs no event loop.

        Raises:
            StorageError: a store cannot be reached or written.
            ConfigError: a store's address is not understood.
        """
        blobs = BlobStore.open(settings.resolved_blobs_uri)
        database = Database.open(settings.resolved_records_url, timeout_s=settings.database_timeout_s)
        return cls(settings, blobs=blobs, database=database)

    async def store(self, entries: Sequence[NewRecognition]) -> list[str]:
        """Store all images of one request and what was read; ids in the same order, once durable.

        Cancelling the wait never harms other requests; whether the entries are stored is then open.

        Raises:
            StorageError: nothing of the request is stored.
            TooBusyError: too much waits for the disk already.
        """
        return await self._committer.store(entries)

    async def image(self, recognition_id: str) -> StoredImage | None:
        """The image as received; None if there is no such recognition."""

        def read() -> StoredImage | None:
            row = self._recognition(recognition_id)
            if row is None:
                return None
            data = self._blobs.get(row.pack_key, row.pack_offset_bytes, row.length_bytes)
            return StoredImage(data, row.media_type)

        return await self._door.run(read)

    async def recognition(self, recognition_id: str) -> RecognitionRow | None:
        """What was read; None if there is no such recognition."""
        return await self._door.run(lambda: self._recognition(recognition_id))

    async def page(
        self,
        *,
        limit: int,
        before: str | None = None,
        min_confidence: float | None = None,
        max_confidence: float | None = None,
        corrected: bool | None = None,
        least_sure_first: bool = False,
    ) -> Page[RecognitionRow]:
        """Recognitions, newest first; see ``RecognitionRecords.page``."""
        return await self._door.read(
            lambda connection: RecognitionRecords(connection).page(
                limit=limit,
                before=before,
                min_confidence=min_confidence,
                max_confidence=max_confidence,
                corrected=corrected,
                least_sure_first=least_sure_first,
            )
        )

    async def store_dataset(
        self, examples: Sequence[Example], *, source: Source, debug: bool, request_id: str = ""
    ) -> RetrainRow:
        """Store examples as an immutable dataset and queue the job that learns from it; the job."""
        return await self._door.run(
            lambda: store_dataset(
                self._blobs, self._database, examples, source=source, debug=debug, request_id=request_id
            )
        )

    async def check(self) -> None:
        """Raise StorageError unless both stores can be written and read.

        Takes some milliseconds; a success stands for a second, so that asking often costs nothing.
        """
        if time.monotonic() - self._checked_at_s < _CHECK_STANDS_S:
            return
        await self._door.run(self._check)
        self._checked_at_s = time.monotonic()

    async def close(self) -> None:
        """Store all that waits, then let go of everything; later calls fail."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._committer.close()
        self._sweeper.close()
        self._door.close()
        self._database.close()

    def _check(self) -> None:
        self._database.check()
        key = new_check_key()
        try:
            self._blobs.put(key, b"ok")
            self._blobs.get(key, 0, 2)
        finally:
            self._blobs.delete(key)

    def _recognition(self, recognition_id: str) -> RecognitionRow | None:
        if not is_id(recognition_id):
            return None
        with self._database.reading() as connection:
            return RecognitionRecords(connection).get(recognition_id)
