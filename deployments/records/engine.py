"""How to connect: the pragmas that make SQLite durable, the time limits that keep PostgreSQL honest."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from deployments.errors import ConfigError

_POOL_SIZE = 4
_POOL_OVERFLOW = 4
_FILE = "glyphserve_file"


def open_engine(url: str, *, timeout_s: float) -> Engine:
    """An engine for a database URL; connects to nothing yet.

    Raises:
        ConfigError: the database is not supported, or its driver is not installed.
    """
    parsed = make_url(url)
    family = parsed.get_backend_name()
    if family == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return _open_sqlite(parsed, timeout_s)
    if family in {"postgresql", "postgres"}:
        return _open_postgresql(parsed, timeout_s)
    raise ConfigError("records_url: must name a SQLite file or a PostgreSQL database")


def _open_sqlite(url: URL, timeout_s: float) -> Engine:
    path = Path(url.database or "").absolute()

    def _connect() -> sqlite3.Connection:
        # mode=rw: a missing file is an error, never silently a new and empty database.
        address = f"file:{quote(str(path))}?mode=rw"
        return sqlite3.connect(address, uri=True, timeout=timeout_s, check_same_thread=False)

    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        creator=_connect,
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_OVERFLOW,
        pool_timeout=timeout_s,
        # A failed insert's parameters are clients' data: none of the log's business.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        # The driver's own transaction handling begins late and deferred; "_begin" below does it.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        entry.info[_FILE] = _identity(path)

    @event.listens_for(engine, "checkout")
    def _still_the_same_file(_: sqlite3.Connection, entry: ConnectionPoolEntry, __: object) -> None:
        # SQLite would go on writing into a file that was deleted or replaced: rows nobody would find.
        if entry.info[_FILE] != _identity(path):
            raise DisconnectionError("the database file was replaced")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            # Takes the write lock at once, so that waiting for it obeys the timeout.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _open_postgresql(url: URL, timeout_s: float) -> Engine:
    timeout_ms = round(timeout_s * 1000)
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=_POOL_SIZE,
            max_overflow=_POOL_OVERFLOW,
            pool_timeout=timeout_s,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": max(2, round(timeout_s)),
                # A server that vanished without a word is noticed in seconds, not hours.
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 25_000,
                "options": f"-c lock_timeout={timeout_ms} "
                f"-c idle_in_transaction_session_timeout={12 * timeout_ms} -c timezone=UTC",
            },
            hide_parameters=True,
        )
    except (ModuleNotFoundError, NoSuchModuleError) as e:
        raise ConfigError("records_url: PostgreSQL needs `pip install glyphserve[postgresql]`") from e
