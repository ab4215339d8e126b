"""The table of datasets."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from deployments.records.rows import DatasetRow, Source
from deployments.records.tables import datasets


class DatasetRecords:
    """Datasets over one connection of ``Database.reading`` or ``Database.writing``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert(self, row: DatasetRow) -> None:
        """Add a row."""
        self._connection.execute(insert(datasets), asdict(row))

    def get(self, dataset_id: str) -> DatasetRow | None:
        """The row with this id, if there is one."""
        found = self._connection.execute(select(datasets).where(datasets.c.id == dataset_id)).one_or_none()
        if found is None:
            return None
        return DatasetRow(
            id=found.id,
            created_at=found.created_at,
            examples=found.examples,
            key=found.key,
            sha256=found.sha256,
            source=Source(found.source),
        )

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of the ids that have a row."""
        return set(self._connection.scalars(select(datasets.c.id).where(datasets.c.id.in_(ids))))

    def sizes(self, ids: Sequence[str]) -> dict[str, int]:
        """How many images each of the datasets holds, as far as it has a row."""
        statement = select(datasets.c.id, datasets.c.examples).where(datasets.c.id.in_(ids))
        return {row.id: row.examples for row in self._connection.execute(statement)}
