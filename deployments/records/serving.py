"""The table of which model serves: the pointer that every replica follows, and its history."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from deployments.records.rows import ServingRow
from deployments.records.tables import serving


class ServingRecords:
    """The serving pointer over one connection of ``Database.reading`` or ``Database.writing``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def current(self) -> ServingRow | None:
        """What serves; None before anything ever did."""
        rows = self.history(limit=1)
        return rows[0] if rows else None

    def history(self, *, limit: int) -> tuple[ServingRow, ...]:
        """What served, newest first."""
        statement = select(serving).order_by(serving.c.generation.desc()).limit(limit)
        return tuple(_serving(row) for row in self._connection.execute(statement))

    def advance(self, version: str, *, reason: str, at: datetime) -> ServingRow:
        """Let a version serve from now on, as the next generation; its row.

        Needs a connection of ``Database.writing``: generations then follow one another without gap or
        double, however many processes advance at once.
        """
        if self._connection.dialect.name == "postgresql":
            # Readers go on; the next to advance waits for our commit. SQLite has one writer anyway.
            self._connection.execute(text("LOCK TABLE serving IN SHARE ROW EXCLUSIVE MODE"))
        before = self.current()
        row = ServingRow(
            generation=1 if before is None else before.generation + 1, version=version, created_at=at, reason=reason
        )
        self._connection.execute(
            insert(serving),
            {
                "generation": row.generation,
                "version": row.version,
                "created_at": row.created_at,
                "reason": row.reason,
            },
        )
        return row


def _serving(row: Row[Any]) -> ServingRow:
    return ServingRow(generation=row.generation, version=row.version, created_at=row.created_at, reason=row.reason)
