"""The database behind the records: connections, transactions, and failures told as StorageError."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import Connection, Engine, update
from sqlalchemy.exc import SQLAlchemyError

from deployments.errors import StorageError
from deployments.records.engine import open_engine
from deployments.records.migrate import migrate
from deployments.records.tables import retrains

_log = logging.getLogger(__name__)


class CommitUnknownError(StorageError):
    """A commit failed in a way that leaves open whether the rows are there: all of them or none."""


class Database:
    """SQLite or PostgreSQL, with the schema brought up to date when opened. Safe to use from threads.

    All that touches the database does so inside ``reading`` or ``writing``, which turn every failure of
    it into a StorageError. Broken connections are replaced by the next use.
    """

    def __init__(self, engine: Engine) -> None:
        self._writer = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    def open(cls, url: str, *, timeout_s: float = 5.0) -> Self:
        """Open a database and bring its schema up to date, one process at a time.

        Args:
            url: ``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST/NAME``.
            timeout_s: how long to wait for a lock or a free connection, seconds.
        """
        with _told("the records could not be opened"):
            engine = open_engine(url, timeout_s=timeout_s)
            try:
                migrate(engine)
            except BaseException:
                engine.dispose()
                raise
            return cls(engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for single statements that change nothing."""
        with _told("the records could not be read"), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable when the block has ended without an error.

        Raises:
            CommitUnknownError: the commit itself failed.
            StorageError: anything before it failed; nothing was written.
        """
        with (
            _told("the records could not be written"),
            self._writer.connect() as connection,
            connection.begin() as transaction,
        ):
            yield connection
            try:
                transaction.commit()
            except SQLAlchemyError as e:
                _log.exception("a commit failed")
                raise CommitUnknownError("the records could not be written") from e

    def check(self) -> None:
        """Raise StorageError unless the records can be written: takes the write lock, changes nothing."""
        with self.writing() as connection:
            connection.execute(update(retrains).where(retrains.c.id == "").values(reason=""))

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as e:
        _log.error("%s: %s", what, e)
        raise StorageError(what) from e
