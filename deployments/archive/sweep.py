"""Left-overs of crashes and failures: blobs that no row names, writes that were never finished."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from deployments.archive.layout import CHECKS, DATASETS, LAST_SWEEP, PACKS, hour_folder
from deployments.blobs import BlobStore
from deployments.errors import StorageError
from deployments.records import Database, DatasetRecords, RecognitionRecords

_log = logging.getLogger(__name__)

_BATCH = 500
_HOUR = timedelta(hours=1)


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
        since: look only at packs of this hour and later.
        stop: asked between batches; True ends early.
    """
    old = datetime.now(UTC) - timedelta(seconds=orphan_age_s)
    packs = [PACKS] if since is None else list(_hours(since))
    folders = [(folder, _packs_named) for folder in packs] + [(DATASETS, _datasets_named), (CHECKS, _none_named)]
    deleted = 0
    for folder, named in folders:
        for found, kept in ((blobs.list_unfinished(folder), _none_named), (blobs.list(folder), named)):
            aged = (blob.key for blob in found if blob.modified_at < old)
            while not stop() and (batch := list(islice(aged, _BATCH))):
                unnamed = set(batch) - kept(database, batch)
                for key in unnamed:
                    blobs.delete(key)
                deleted += len(unnamed)
    if deleted:
        _log.info("swept %d left-over blobs", deleted)
    return deleted


def sweep_if_due(
    blobs: BlobStore,
    database: Database,
    *,
    orphan_age_s: float,
    every_s: float,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Sweep unless some process did so lately; whether it swept to the end.

    The first sweep of a store looks at everything, later ones at what aged since the one before: when
    that began is kept among the blobs.
    """
    now = datetime.now(UTC)
    last = _last_sweep(blobs)
    if last is not None and timedelta(0) <= now - last < timedelta(seconds=every_s / 2):
        return False
    since = None if last is None else last - timedelta(seconds=orphan_age_s) - _HOUR
    sweep(blobs, database, orphan_age_s=orphan_age_s, since=since, stop=stop)
    if stop():
        return False
    blobs.put(LAST_SWEEP, now.isoformat().encode())
    return True


class Sweeper:
    """A thread that sweeps at start and every now and then."""

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
        while not self._stopped.is_set():
            try:
                sweep_if_due(
                    self._blobs,
                    self._database,
                    orphan_age_s=self._orphan_age_s,
                    every_s=self._every_s,
                    stop=self._stopped.is_set,
                )
            except StorageError as e:
                _log.warning("the sweep for left-overs failed and will be repeated: %s", e)
            self._stopped.wait(self._every_s)


def _last_sweep(blobs: BlobStore) -> datetime | None:
    if not blobs.exists(LAST_SWEEP):
        return None
    try:
        return datetime.fromisoformat(blobs.get(LAST_SWEEP).decode())
    except ValueError:
        return None


def _hours(since: datetime) -> Iterator[str]:
    hour = since
    while hour <= datetime.now(UTC) + _HOUR:
        yield hour_folder(hour)
        hour += _HOUR


def _packs_named(database: Database, keys: list[str]) -> set[str]:
    with database.reading() as connection:
        return RecognitionRecords(connection).packs_named(keys)


def _datasets_named(database: Database, keys: list[str]) -> set[str]:
    ids = {key: key.split("/")[1] for key in keys}
    with database.reading() as connection:
        known = DatasetRecords(connection).known(list(set(ids.values())))
    return {key for key, dataset_id in ids.items() if dataset_id in known}


def _none_named(_: Database, __: list[str]) -> set[str]:
    return set()
