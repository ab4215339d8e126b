"""Data folder, disk, database and blob store."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from deployments.blobs.store import BlobStore
from deployments.cluster.cleanup import cluster_processes
from deployments.cluster.lock import holder
from deployments.cluster.state import ClusterState
from deployments.doctor.finding import Finding, advice, problem
from deployments.doctor.place import Place
from deployments.errors import ConfigError
from deployments.records.engine import open_engine
from deployments.settings.storage import masked
from ocr_model.errors import GlyphserveError

_MIB = 2**20
_LEAST_BYTES = 512 * _MIB
_COMFORTABLE_BYTES = 5 * 1024 * _MIB
_PATIENCE_S = 20.0
_PROBE = "doctor/probe"


def data_folder(place: Place) -> Iterator[Finding]:
    """The data folder can be written."""
    folder = _existing(place.settings.data_dir)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as e:
        yield problem(
            f"the data folder {place.settings.data_dir} cannot be written: {e.strerror or e}",
            "make it this user's (chown), or name another with GLYPHSERVE_DATA_DIR",
        )


def disk_space(place: Place) -> Iterator[Finding]:
    """The disk has room for images and models."""
    folder = _existing(place.settings.data_dir)
    free = shutil.disk_usage(folder).free
    if free < _LEAST_BYTES:
        yield problem(f"the disk of {folder} has {free // _MIB} MiB free", "free some; a full disk answers 503")
    elif free < _COMFORTABLE_BYTES:
        yield advice(
            f"the disk of {folder} has {free // _MIB} MiB free, some {free // 10_000} images",
            "free some, or name a larger one with GLYPHSERVE_DATA_DIR",
        )


def leftovers(place: Place) -> Iterator[Finding]:
    """Nothing is left of a service that was killed."""
    if holder(place.paths.lock) is not None:
        return
    left = cluster_processes(place.paths, ClusterState.load(place.paths.state))
    if left:
        pids = ", ".join(str(process.pid) for process in left[:5])
        yield problem(f"{len(left)} processes of an earlier run are left ({pids}, ...)", "`glyphserve down` ends them")


def database(place: Place) -> Iterator[Finding]:
    """The database answers; SQLite's is looked at once there is one."""
    storage = place.settings.storage
    if storage.records_url is None and not (place.settings.data_dir / "records.db").exists():
        return

    def ask() -> None:
        engine = open_engine(storage.resolved_records_url, timeout_s=storage.database_timeout_s)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        finally:
            engine.dispose()

    try:
        _within(_PATIENCE_S, ask)
    except ConfigError as e:
        yield problem(str(e), "correct GLYPHSERVE_RECORDS_URL; PostgreSQL needs pip install 'glyphserve[postgresql]'")
    except (SQLAlchemyError, OSError) as e:
        yield problem(
            f"the database {masked(storage.resolved_records_url)} does not answer: {_cause(e)}",
            "start it, and check host, name and password of GLYPHSERVE_RECORDS_URL",
        )


def blob_store(place: Place) -> Iterator[Finding]:
    """The blob store takes a blob, gives it back and deletes it; a folder's is the data folder's check."""
    uri = place.settings.storage.blobs_uri
    if uri is None:
        return

    def ask() -> None:
        store = BlobStore.open(uri)
        store.put(_PROBE, b"probe")
        store.get(_PROBE)
        store.delete(_PROBE)

    try:
        _within(_PATIENCE_S, ask)
    except (GlyphserveError, OSError) as e:
        yield problem(
            f"the blob store {masked(uri)} cannot be used: {_cause(e)}",
            "check address, bucket, region and credentials of GLYPHSERVE_BLOBS_URI: it must take writes",
        )


def _existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _cause(error: BaseException) -> str:
    """The innermost cause's first line: what the driver said, without addresses that hold passwords."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines()
    return masked(lines[0]) if lines else type(error).__name__


def _within(seconds: float, call: Callable[[], None]) -> None:
    """Run what may hang; raises what it raises, or TimeoutError."""
    errors: list[Exception] = []

    def run() -> None:
        try:
            call()
        except Exception as e:  # noqa: BLE001 - raised again below
            errors.append(e)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"no answer within {seconds:g} s")
    if errors:
        raise errors[0]
