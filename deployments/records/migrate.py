"""Bring the schema up to date at start, safely when several replicas start at once."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, text

from deployments.errors import StorageError

_MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x676C797068  # "glyph": any number will do, as long as all replicas use the same
_LOCK_TIMEOUT_S = 60.0
_LOCK_POLL_S = 0.05


def migrate(engine: Engine) -> None:
    """Run the migrations that the database lacks, in one transaction, one process at a time.

    Raises:
        StorageError: the database was written by a newer version of glyphserve.
    """
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        with _file_locked(path.with_name(f"{path.name}.lock")):
            path.touch()
            with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                # Kept in the file from then on; changing it ignores the busy timeout, hence under the lock.
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            _upgrade(engine)
    else:
        _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as e:
            raise StorageError("the records were written by a newer version of the service") from e


@contextmanager
def _file_locked(path: Path) -> Iterator[None]:
    # flock, because the kernel releases it however the process ends.
    with path.open("ab") as file:
        deadline = time.monotonic() + _LOCK_TIMEOUT_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as e:
                if time.monotonic() > deadline:
                    raise StorageError("the records are being changed by another process") from e
                time.sleep(_LOCK_POLL_S)
        yield
