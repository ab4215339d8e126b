"""Left-overs of crashes and failures: blobs that no row names, writes that were never finished."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from deployments.archive.pack import PACKS, day_folder
from deployments.blobs import BlobInfo, BlobStore
from deployments.errors import StorageError
from deployments.records import Database, DatasetRecords, RecognitionRecords

_log = logging.getLogger(__name__)

DATASETS = "datasets"
_BATCH = 500
_RECENT = timedelta(days=2)


def sweep(
    blobs: BlobStore,
    database: Database,
    *,
    orphan_age_s: float,
    since: datetime | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Delete left-over blobs; how many. Safe while other processes store and sweep.

    Args:
        blobs: where to look.
        database: which blobs are named.
        orphan_age_s: younger blobs stay, their rows may still be on the way.
        since: look only at packs of this day and later.
        stop: asked between batches; True ends early.
    """
    old = datetime.now(UTC) - timedelta(seconds=orphan_age_s)
    deleted = 0
    for folder in [PACKS] if since is None else _days(since):
        for blob in _older(blobs.list_unfinished(folder), old):
            blobs.delete(blob.key)
            deleted += 1
        deleted += _delete_unnamed(blobs, database, _older(blobs.list(folder), old), _packs_named, stop)
    for blob in _older(blobs.list_unfinished(DATASETS), old):
        blobs.delete(blob.key)
        deleted += 1
    deleted += _delete_unnamed(blobs, database, _older(blobs.list(DATASETS), old), _datasets_named, stop)
    if deleted:
        _log.info("swept %d left-over blobs", deleted)
    return deleted


class Sweeper:
    """A thread that sweeps everything at start and what is recent every now and then."""

    def __init__(self, blobs: BlobStore, database: Database, *, orphan_age_s: float, every_s: float) -> None:
        self._blobs = blobs
        self._database = database
        self._orphan_age_s = orphan_age_s
        self._every_s = every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="storage-sweep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        since: datetime | None = None
        while not self._stopped.is_set():
            began = datetime.now(UTC)
            try:
                sweep(
                    self._blobs,
                    self._database,
                    orphan_age_s=self._orphan_age_s,
                    since=since,
                    stop=self._stopped.is_set,
                )
            except StorageError as e:
                _log.warning("the sweep for left-overs failed and will be repeated: %s", e)
            else:
                since = began - _RECENT - timedelta(seconds=self._orphan_age_s)
            self._stopped.wait(self._every_s)


def _days(since: datetime) -> Iterator[str]:
    day = since
    while day <= datetime.now(UTC) + timedelta(days=1):
        yield day_folder(day)
        day += timedelta(days=1)


def _older(found: Iterable[BlobInfo], than: datetime) -> Iterator[BlobInfo]:
    return (blob for blob in found if blob.modified_at < than)


def _delete_unnamed(
    blobs: BlobStore,
    database: Database,
    found: Iterator[BlobInfo],
    named: Callable[[Database, list[str]], set[str]],
    stop: Callable[[], bool],
) -> int:
    deleted = 0
    while not stop() and (batch := [blob.key for blob in islice(found, _BATCH)]):
        kept = named(database, batch)
        for key in batch:
            if key not in kept:
                blobs.delete(key)
                deleted += 1
    return deleted


def _packs_named(database: Database, keys: list[str]) -> set[str]:
    with database.reading() as connection:
        return RecognitionRecords(connection).packs_named(keys)


def _datasets_named(database: Database, keys: list[str]) -> set[str]:
    ids = {key: key.split("/")[1] for key in keys}
    with database.reading() as connection:
        known = DatasetRecords(connection).known(list(set(ids.values())))
    return {key for key, dataset_id in ids.items() if dataset_id in known}
