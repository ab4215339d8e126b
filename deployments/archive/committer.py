"""Group commit: one thread makes all that waits durable at once, so that a sync is shared by many.

The order makes a crash harmless at any moment: first the pack is durable, then one transaction names
it, then the requests hear of it. What a crash leaves is at most a pack that no row names; see ``sweep``.
"""

import asyncio
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from deployments.archive.entries import NewRecognition
from deployments.archive.group import Line, Waiting
from deployments.archive.layout import new_pack_key
from deployments.archive.pack import pack
from deployments.blobs import BlobStore
from deployments.errors import StorageError
from deployments.records import CommitUnknownError, Database, RecognitionRecords, RecognitionRow
from deployments.records.rows import new_id

_log = logging.getLogger(__name__)


class Committer:
    """The line, the thread that empties it, and the way in.

    Args:
        line: where requests wait.
        blobs: where packs go.
        database: where rows go.
        orphan_age_s: when the sweep takes a pack for left over; rows are never written that late.
    """

    def __init__(self, line: Line, *, blobs: BlobStore, database: Database, orphan_age_s: float) -> None:
        self._line = line
        self._blobs = blobs
        self._database = database
        self._max_delay_s = orphan_age_s / 2
        self._thread = threading.Thread(target=self._run, name="storage-commit", daemon=True)
        self._thread.start()

    async def store(self, entries: Sequence[NewRecognition]) -> list[str]:
        """Wait until the entries are durable; their ids, in the same order."""
        if not entries:
            return []
        loop = asyncio.get_running_loop()
        one = Waiting(
            entries=entries,
            ids=[new_id() for _ in entries],
            size_bytes=sum(len(entry.image) for entry in entries),
            done=loop.create_future(),
            loop=loop,
        )
        self._line.put(one)
        await one.done
        return one.ids

    def close(self) -> None:
        """Refuse newcomers, store all that waits, end the thread."""
        self._line.close()
        self._thread.join()

    def _run(self) -> None:
        while group := self._line.take():
            error: BaseException | None = None
            try:
                self._commit(group)
            except StorageError as e:
                error = e
            except Exception as e:  # noqa: BLE001  the thread must outlive whatever a driver may raise
                _log.exception("a group of images could not be stored")
                error = e
            _resolve(group, error)

    def _commit(self, group: Sequence[Waiting]) -> None:
        started_s = time.monotonic()
        now = datetime.now(UTC)
        key = new_pack_key(now)
        data, rows = pack(group, key=key, now=now)
        self._blobs.put(key, data)
        try:
            self._insert(rows, deadline_s=started_s + self._max_delay_s)
        except CommitUnknownError:
            # The rows may be there: the pack must stay. If they are not, the sweep finds it.
            raise
        except BaseException:
            with suppress(StorageError):
                self._blobs.delete(key)
            raise

    def _insert(self, rows: Sequence[RecognitionRow], *, deadline_s: float) -> None:
        with self._database.writing() as connection:
            RecognitionRecords(connection).insert_many(rows)
            if time.monotonic() > deadline_s:
                raise StorageError("the images took too long to store")


def _resolve(group: Sequence[Waiting], error: BaseException | None) -> None:
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[Waiting]] = defaultdict(list)
    for one in group:
        by_loop[one.loop].append(one)
    for loop, waiting in by_loop.items():
        # RuntimeError: the loop was closed, nobody waits there any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell, waiting, error)


def _tell(waiting: Sequence[Waiting], error: BaseException | None) -> None:
    for one in waiting:
        if one.done.done():
            continue
        if error is None:
            one.done.set_result(None)
        else:
            # One each: an exception that several tasks raise would collect all their tracebacks.
            told = StorageError("the images could not be stored; please try again")
            told.__cause__ = error
            one.done.set_exception(told)
