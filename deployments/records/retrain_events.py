"""The table of what happened to retrain jobs, in order."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from deployments.records.rows import Event, EventRow
from deployments.records.tables import retrain_events, retrains


class RetrainEventRecords:
    """Events over one connection of ``Database.reading`` or ``Database.writing``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, retrain_id: str, events: Sequence[Event]) -> int:
        """Add events behind those that a job has; the number of the last.

        Needs a connection of ``Database.writing``: numbers then follow one another without gap or
        double, and in the order of the commits, so that who asks for what is new misses nothing.
        """
        # One appends at a time: PostgreSQL keeps the job's row for us, SQLite has one writer anyway.
        self._connection.execute(select(retrains.c.id).where(retrains.c.id == retrain_id).with_for_update())
        last = self.count(retrain_id)
        if events:
            rows = [
                {"retrain_id": retrain_id, "seq": seq, "at": event.at, "kind": event.kind, "data": event.data}
                for seq, event in enumerate(events, start=last + 1)
            ]
            self._connection.execute(insert(retrain_events), rows)
        return last + len(events)

    def after(self, retrain_id: str, seq: int, *, limit: int, kind: str | None = None) -> tuple[EventRow, ...]:
        """Events of a job numbered above ``seq``, in order; only those of one kind if it is given."""
        statement = select(retrain_events).where(retrain_events.c.retrain_id == retrain_id, retrain_events.c.seq > seq)
        if kind is not None:
            statement = statement.where(retrain_events.c.kind == kind)
        rows = self._connection.execute(statement.order_by(retrain_events.c.seq).limit(limit))
        return tuple(_event(row) for row in rows)

    def count(self, retrain_id: str) -> int:
        """How many events a job has: the number of its last."""
        statement = select(func.coalesce(func.max(retrain_events.c.seq), 0)).where(
            retrain_events.c.retrain_id == retrain_id
        )
        return int(self._connection.execute(statement).scalar_one())


def _event(row: Row[Any]) -> EventRow:
    return EventRow(retrain_id=row.retrain_id, seq=row.seq, at=row.at, kind=row.kind, data=row.data)
