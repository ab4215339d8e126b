"""The table of what was read."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, case, func, insert, select, update

from deployments.records.paging import page_of
from deployments.records.rows import CorrectionScore, Page, RecognitionRow, Source
from deployments.records.tables import recognitions

# Built once: SQLAlchemy then finds the compiled SQL in its cache by the statement's identity.
_INSERT = insert(recognitions)
_SELECT = select(recognitions)
_NAMES = tuple(field.name for field in fields(RecognitionRow))
_VALUES = attrgetter(*_NAMES)


class RecognitionRecords:
    """Recognitions over one connection of ``Database.reading`` or ``Database.writing``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert_many(self, rows: Sequence[RecognitionRow]) -> None:
        """Add rows, all of them in one statement."""
        self._connection.execute(_INSERT, [dict(zip(_NAMES, _VALUES(row), strict=True)) for row in rows])

    def get(self, recognition_id: str) -> RecognitionRow | None:
        """The row with this id, if there is one."""
        row = self._connection.execute(_SELECT.where(recognitions.c.id == recognition_id)).one_or_none()
        return None if row is None else _recognition(row)

    def page(
        self,
        *,
        limit: int,
        before: str | None = None,
        min_confidence: float | None = None,
        max_confidence: float | None = None,
        corrected: bool | None = None,
        least_sure_first: bool = False,
    ) -> Page[RecognitionRow]:
        """Rows, newest first.

        Args:
            limit: how many at most.
            before: only rows with a lower id: the cursor, ``next_before`` of the page before.
            min_confidence: only rows at least as sure, 0..1.
            max_confidence: only rows at most as sure, 0..1.
            corrected: only rows that a person has corrected, or only others.
            least_sure_first: in that order instead, the newer first of equals; there is no further page.
        """
        statement = _SELECT
        if min_confidence is not None:
            statement = statement.where(recognitions.c.confidence >= min_confidence)
        if max_confidence is not None:
            statement = statement.where(recognitions.c.confidence <= max_confidence)
        if corrected is not None:
            named = recognitions.c.corrected_text
            statement = statement.where(named.is_not(None) if corrected else named.is_(None))
        if least_sure_first:
            statement = statement.order_by(recognitions.c.confidence, recognitions.c.id.desc()).limit(limit)
            return Page(tuple(_recognition(row) for row in self._connection.execute(statement)), None)
        return page_of(self._connection, statement, recognitions.c.id, make=_recognition, limit=limit, before=before)

    def correct(self, recognition_id: str, text: str, *, at: datetime) -> RecognitionRow | None:
        """Keep what a person says a row's image shows, in place of what was said before.

        Returns:
            The row as it is now; None if there is no such row.
        """
        self._connection.execute(
            update(recognitions).where(recognitions.c.id == recognition_id).values(corrected_text=text, corrected_at=at)
        )
        return self.get(recognition_id)

    def corrections(
        self, *, limit: int, after_id: str = "", since: datetime | None = None
    ) -> tuple[RecognitionRow, ...]:
        """Rows that a person has corrected, oldest first.

        Args:
            limit: how many at most.
            after_id: only rows with a higher id: the last one of the call before.
            since: only rows corrected at that time or later.
        """
        statement = _SELECT.where(recognitions.c.corrected_text.is_not(None), recognitions.c.id > after_id)
        if since is not None:
            statement = statement.where(recognitions.c.corrected_at >= since)
        rows = self._connection.execute(statement.order_by(recognitions.c.id).limit(limit))
        return tuple(_recognition(row) for row in rows)

    def count_corrected(self) -> int:
        """How many rows a person has corrected."""
        statement = select(func.count()).select_from(recognitions).where(recognitions.c.corrected_text.is_not(None))
        return self._connection.execute(statement).scalar_one()

    def correction_scores(self) -> tuple[CorrectionScore, ...]:
        """How each version fared on what people have corrected or confirmed."""
        exact = func.sum(case((recognitions.c.text == recognitions.c.corrected_text, 1), else_=0))
        statement = (
            select(recognitions.c.model_version, func.count(), exact)
            .where(recognitions.c.corrected_text.is_not(None))
            .group_by(recognitions.c.model_version)
        )
        return tuple(
            CorrectionScore(model_version=version, corrected=corrected, exact=right)
            for version, corrected, right in self._connection.execute(statement)
        )

    def packs_named(self, keys: Sequence[str]) -> set[str]:
        """Those of the pack keys that at least one row names."""
        statement = select(recognitions.c.pack_key).where(recognitions.c.pack_key.in_(keys)).distinct()
        return set(self._connection.scalars(statement))


def _recognition(row: Row[Any]) -> RecognitionRow:
    values = dict(zip(_NAMES, _VALUES(row), strict=True))
    values["source"] = Source(values["source"])
    values["character_confidences"] = tuple(values["character_confidences"])
    return RecognitionRow(**values)
