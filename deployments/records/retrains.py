"""The table of retrain jobs."""

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from deployments.records.paging import page_of
from deployments.records.rows import Page, RetrainRow, RetrainState
from deployments.records.tables import retrains


class RetrainRecords:
    """Retrain jobs over one connection of ``Database.reading`` or ``Database.writing``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert(self, row: RetrainRow) -> None:
        """Add a row."""
        self._connection.execute(
            insert(retrains),
            {
                "id": row.id,
                "created_at": row.created_at,
                "updated_at": row.updated_at,
                "state": row.state,
                "dataset_id": row.dataset_id,
                "debug": row.debug,
                "reason": row.reason,
                "progress": row.progress,
                "verdict": row.verdict,
            },
        )

    def get(self, retrain_id: str) -> RetrainRow | None:
        """The row with this id, if there is one."""
        row = self._connection.execute(select(retrains).where(retrains.c.id == retrain_id)).one_or_none()
        return None if row is None else _retrain(row)

    def page(self, *, limit: int, before: str | None = None, state: RetrainState | None = None) -> Page[RetrainRow]:
        """Rows, newest first; ``before`` is the cursor, ``next_before`` of the page before."""
        statement = select(retrains)
        if state is not None:
            statement = statement.where(retrains.c.state == state)
        return page_of(self._connection, statement, retrains.c.id, make=_retrain, limit=limit, before=before)

    def count(self, state: RetrainState) -> int:
        """How many jobs stand there."""
        statement = select(func.count()).select_from(retrains).where(retrains.c.state == state)
        return self._connection.execute(statement).scalar_one()


def _retrain(row: Row[Any]) -> RetrainRow:
    return RetrainRow(
        id=row.id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        state=RetrainState(row.state),
        dataset_id=row.dataset_id,
        debug=row.debug,
        reason=row.reason,
        progress=row.progress,
        verdict=row.verdict,
    )
