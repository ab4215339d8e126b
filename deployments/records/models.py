"""The table of model versions."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from deployments.records.conflicts import insert_new
from deployments.records.rows import ModelRow, Page
from deployments.records.tables import models


class ModelRecords:
    """Model versions over one connection of ``Database.reading`` or ``Database.writing``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert(self, row: ModelRow) -> bool:
        """Add a row; False, and nothing changed, if the version is there already."""
        return insert_new(self._connection, models, asdict(row))

    def get(self, version: str) -> ModelRow | None:
        """The row of this version, if there is one."""
        found = self._connection.execute(select(models).where(models.c.version == version)).one_or_none()
        return None if found is None else _model(found)

    def page(self, *, limit: int, before: str | None = None) -> Page[ModelRow]:
        """Rows, newest first; ``before`` is the cursor, ``next_before`` of the page before.

        Versions are names, not ids: time orders them, and the name those of one moment.
        """
        statement = select(models).order_by(models.c.created_at.desc(), models.c.version.desc())
        if before is not None:
            then = select(models.c.created_at).where(models.c.version == before).scalar_subquery()
            statement = statement.where(
                or_(models.c.created_at < then, and_(models.c.created_at == then, models.c.version < before))
            )
        # One row more than asked tells whether there is another page.
        rows = self._connection.execute(statement.limit(limit + 1)).all()
        shown = tuple(_model(row) for row in rows[:limit])
        return Page(shown, shown[-1].version if len(rows) > limit and shown else None)


def _model(row: Row[Any]) -> ModelRow:
    return ModelRow(
        version=row.version,
        created_at=row.created_at,
        key=row.key,
        metrics=row.metrics,
        parent=row.parent,
        retrain_id=row.retrain_id,
        verdict=row.verdict,
    )
