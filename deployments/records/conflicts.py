"""Inserting what may be there already, which SQLAlchemy says in a dialect's own words."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key is taken; whether it was inserted."""
    # What comes back tells: an insert's row count is not counted by every driver.
    if connection.dialect.name == "postgresql":
        inserted = connection.execute(
            postgresql.insert(table).values(values).on_conflict_do_nothing().returning(*table.primary_key)
        )
    else:
        inserted = connection.execute(
            sqlite.insert(table).values(values).on_conflict_do_nothing().returning(*table.primary_key)
        )
    return inserted.one_or_none() is not None
