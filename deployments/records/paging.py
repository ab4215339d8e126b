"""Pages by cursor: stable while rows are added, equally cheap at any depth."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, Select

from deployments.records.rows import Page

_RowT = TypeVar("_RowT")


def page_of(
    connection: Connection,
    statement: Select[Any],
    id_column: Column[Any],
    *,
    make: Callable[[Row[Any]], _RowT],
    limit: int,
    before: str | None,
) -> Page[_RowT]:
    """Run a select for the ``limit`` highest ids below ``before``."""
    if before is not None:
        statement = statement.where(id_column < before)
    # One row more than asked tells whether there is another page.
    rows = connection.execute(statement.order_by(id_column.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    next_before = str(shown[-1].id) if len(rows) > limit and shown else None
    return Page(tuple(make(row) for row in shown), next_before)
