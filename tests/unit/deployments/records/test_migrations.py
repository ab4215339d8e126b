"""The schema: made once however many start, the same as the code believes, never from the future."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from deployments.errors import StorageError
from deployments.records import Database, RecognitionRecords
from deployments.records.tables import metadata
from tests.unit.deployments.records.examples import recognition


def test_many_may_start_at_once_on_an_empty_database(records_url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(lambda _: Database.open(records_url), range(8)))
    rows = [recognition() for _ in opened]
    for database, row in zip(opened, rows, strict=True):
        with database.writing() as connection:
            RecognitionRecords(connection).insert_many([row])
        database.close()

    again = Database.open(records_url)
    with again.reading() as connection:
        assert RecognitionRecords(connection).page(limit=10).rows == tuple(reversed(rows))
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    again.close()


def test_the_migrations_make_the_tables_that_the_code_knows(records_url: str) -> None:
    database = Database.open(records_url)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_a_database_from_the_future_is_left_alone(records_url: str) -> None:
    database = Database.open(records_url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()

    with pytest.raises(StorageError, match="newer version"):
        Database.open(records_url)
