"""The schema: made once however many start, the same as the code believes, never from the future."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from deployments.errors import StorageError
from deployments.records import (
    Database,
    RecognitionRecords,
    RetrainEventRecords,
    RetrainRecords,
    RetrainState,
    migrate,
    migrations,
)
from deployments.records.engine import open_engine
from deployments.records.tables import metadata
from tests.unit.deployments.records.examples import recognition

MIGRATIONS = Path(migrations.__file__).parent
OLD = "0" * 32


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


def test_a_database_that_is_up_to_date_is_opened_without_alembic(
    records_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == migrate.HEAD
    Database.open(records_url).close()
    monkeypatch.delattr(migrate, "_upgrade")
    Database.open(records_url).close()


def test_a_database_from_the_future_is_left_alone(records_url: str) -> None:
    database = Database.open(records_url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()

    with pytest.raises(StorageError, match="newer version"):
        Database.open(records_url)


def test_what_an_older_release_stored_is_kept_and_takes_part(records_url: str) -> None:
    engine = open_engine(records_url, timeout_s=2.0)
    _make_database(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO datasets VALUES (:id, :at, 1, 'k', 's', 'upload')"), {"id": OLD, "at": "2026-11-22"}
        )
        connection.execute(
            text("INSERT INTO retrains VALUES (:id, :at, :at, 'queued', :id, false, '', NULL, NULL)"),
            {"id": OLD, "at": "2026-11-22 00:00:00.000000"},
        )
    engine.dispose()

    database = Database.open(records_url)
    with database.writing() as connection:
        records = RetrainRecords(connection)
        job = records.oldest(RetrainState.QUEUED)
        assert job is not None
        assert (job.id, job.attempts, job.job_id, job.candidate, job.request_id) == (OLD, 0, None, None, "")
        assert records.move(OLD, to=RetrainState.RUNNING, from_=[RetrainState.QUEUED], at=datetime.now(UTC))
        assert RetrainEventRecords(connection).count(OLD) == 1
    database.close()


def test_the_way_back_leads_to_the_older_tables(records_url: str) -> None:
    Database.open(records_url).close()
    engine = open_engine(records_url, timeout_s=2.0)
    with engine.begin() as connection:
        command.downgrade(_alembic(connection), "0001")
    with engine.connect() as connection:
        inspector = inspect(connection)
        assert {"models", "serving", "retrain_events"}.isdisjoint(inspector.get_table_names())
        assert "candidate" not in {column["name"] for column in inspector.get_columns("retrains")}
    engine.dispose()

    Database.open(records_url).close()


def _make_database(engine: Engine, revision: str) -> None:
    if engine.dialect.name == "sqlite":
        assert engine.url.database is not None
        Path(engine.url.database).touch()
    with engine.begin() as connection:
        command.upgrade(_alembic(connection), revision)


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
