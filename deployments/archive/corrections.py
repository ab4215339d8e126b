"""What people say that images show, and the examples this makes."""

from collections.abc import Iterator
from datetime import UTC, datetime

from deployments.archive.door import Door
from deployments.archive.entries import Example
from deployments.blobs import BlobStore
from deployments.errors import RequestError
from deployments.records import Database, RecognitionRecords, RecognitionRow
from deployments.records.rows import is_id
from deployments.status import Status

_BATCH = 1000


class Corrections:
    """Corrected recognitions. Everything that fails raises StorageError, or what else is named."""

    def __init__(self, door: Door, *, blobs: BlobStore, database: Database) -> None:
        self._door = door
        self._blobs = blobs
        self._database = database

    async def correct(self, recognition_id: str, label: str) -> RecognitionRow | None:
        """Keep what an image shows, in place of an earlier correction.

        Returns:
            The recognition as it is now; None if there is no such one.
        """
        if not is_id(recognition_id):
            return None
        now = datetime.now(UTC)
        return await self._door.write(
            lambda connection: RecognitionRecords(connection).correct(recognition_id, label, at=now)
        )

    async def count(self) -> int:
        """How many recognitions are corrected."""
        return await self._door.read(lambda connection: RecognitionRecords(connection).count_corrected())

    async def examples(self, *, since: datetime | None, max_examples: int, max_bytes: int) -> list[Example]:
        """Every corrected image with its correction, oldest image first.

        Args:
            since: only those corrected at that time or later.
            max_examples: how many there may be.
            max_bytes: how much memory the images may take.

        Raises:
            RequestError: there are more.
        """

        def read() -> list[Example]:
            rows = []
            size_bytes = 0
            for row in self._rows(since):
                rows.append(row)
                size_bytes += row.length_bytes
                if len(rows) > max_examples:
                    detail = f"there are more than {max_examples} corrections: name a later `since`"
                    raise RequestError(Status.TOO_MANY_EXAMPLES, detail)
                if size_bytes > max_bytes:
                    detail = f"the corrected images have more than {max_bytes} bytes: name a later `since`"
                    raise RequestError(Status.TOO_MANY_EXAMPLES, detail)
            return [self._example(row) for row in rows]

        return await self._door.run(read)

    def _rows(self, since: datetime | None) -> Iterator[RecognitionRow]:
        after_id = ""
        while True:
            with self._database.reading() as connection:
                rows = RecognitionRecords(connection).corrections(limit=_BATCH, after_id=after_id, since=since)
            yield from rows
            if len(rows) < _BATCH:
                return
            after_id = rows[-1].id

    def _example(self, row: RecognitionRow) -> Example:
        image = self._blobs.get(row.pack_key, row.pack_offset_bytes, row.length_bytes)
        return Example(image=image, label=row.corrected_text or "")
