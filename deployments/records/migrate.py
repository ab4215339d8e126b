"""Bring the schema up to date at start, safely when several replicas start at once."""

import fcntl
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from deployments.errors import StorageError

HEAD = "0003"
"""The newest migration."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x676C797068  # "glyph": any number will do, as long as all replicas use the same
_LOCK_TIMEOUT_S = 60.0
_LOCK_POLL_S = 0.05


def migrate(engine: Engine) -> None:
    """Run the migrations that the database lacks, in one transaction, one process at a time.

    Raises:
        StorageError: the database was written by a newer version of glyphserve.
    """
    if _is_current(engine):
        return
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        with _file_locked(path.with_name(f"{path.name}.lock")):
            path.touch()
            _log_ahead(engine)
            _upgrade(engine)
    else:
        _upgrade(engine)


def _is_current(engine: Engine) -> bool:
    """Whether nothing is to be done, as at almost every start: a replica then does without importing Alembic."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        return False
    try:
        # Without a transaction: no start waits for, or holds up, those who write.
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]
    except DBAPIError:
        # No such table, or no database: what is done next says so better.
        return False


def _log_ahead(engine: Engine) -> None:
    # Write-ahead logging is kept in the file once it is set. To set it SQLite must have the file to itself
    # and ignores the busy timeout: another start that only looks whether the schema is there is in the way.
    for _ in _turns("the records are being used by another process"):
        try:
            with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except OperationalError as e:
            if not _is_busy(e):
                raise
        else:
            return


def _is_busy(error: OperationalError) -> bool:
    # The low byte is the primary code: https://www.sqlite.org/rescode.html#primary_result_codes_versus_extended
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _upgrade(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415 - a tenth of a replica's imports
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.util import CommandError  # noqa: PLC0415 - as above

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
        for _ in _turns("the records are being changed by another process"):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            break
        yield


def _turns(in_vain: str) -> Iterator[None]:
    """One after another until the time is up, which is a StorageError."""
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    while time.monotonic() < deadline:
        yield
        time.sleep(_LOCK_POLL_S)
    raise StorageError(in_vain)
