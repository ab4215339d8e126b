"""What only SQLite can show: its pragmas, locks, and a file that goes away."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text

from deployments.errors import ConfigError, StorageError
from deployments.records import CommitUnknownError, Database, RecognitionRecords
from tests.unit.deployments.blobs.test_local_folder import files_at_most
from tests.unit.deployments.records.examples import recognition

TIMEOUT_S = 0.2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a %folder?" / "records.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database.open(f"sqlite:///{quote(str(path))}", timeout_s=TIMEOUT_S)
    yield opened
    opened.close()


def insert_one(database: Database) -> None:
    with database.writing() as connection:
        RecognitionRecords(connection).insert_many([recognition()])


def count(database: Database) -> int:
    with database.reading() as connection:
        return len(RecognitionRecords(connection).page(limit=1000).rows)


def test_every_connection_is_durable_and_strict(database: Database) -> None:
    with database.reading() as one, database.reading() as other:
        for connection in (one, other):
            pragmas = [
                connection.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            assert pragmas == ["wal", 2, 1, TIMEOUT_S * 1000]


def test_a_start_waits_for_another_that_has_the_new_file_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir(parents=True)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    turns = []

    def end_the_other(seconds: float) -> None:
        turns.append(seconds)
        other.close()

    monkeypatch.setattr("deployments.records.migrate.time.sleep", end_the_other)
    opened = Database.open(f"sqlite:///{quote(str(path))}", timeout_s=TIMEOUT_S)
    assert len(turns) == 1
    insert_one(opened)
    opened.close()


def test_a_lock_is_waited_for_then_told_then_forgotten(database: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StorageError):
            insert_one(database)
        with pytest.raises(StorageError):
            database.check()
        assert 2 * TIMEOUT_S <= time.monotonic() - began < 2 * TIMEOUT_S + 5
        assert count(database) == 0
        other.execute("ROLLBACK")
    finally:
        other.close()

    insert_one(database)
    assert count(database) == 1


def test_a_file_that_is_gone_is_an_error_until_it_is_back(database: Database, path: Path) -> None:
    insert_one(database)
    database.close()
    hidden = path.with_name("hidden")
    path.rename(hidden)

    for call in (insert_one, count, Database.check):
        with pytest.raises(StorageError):
            call(database)
    assert not path.exists()

    hidden.rename(path)
    insert_one(database)
    assert count(database) == 2


def test_a_file_that_was_replaced_is_opened_anew(database: Database, path: Path, tmp_path: Path) -> None:
    insert_one(database)
    replacement = Database.open(f"sqlite:///{tmp_path}/other.db")
    replacement.close()

    (tmp_path / "other.db").replace(path)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)

    assert count(database) == 0
    insert_one(database)
    assert count(database) == 1


def test_a_commit_that_finds_the_disk_full_is_told_and_the_next_one_works(database: Database, path: Path) -> None:
    insert_one(database)
    with files_at_most(path.with_name(path.name + "-wal").stat().st_size), pytest.raises(CommitUnknownError):
        insert_one(database)

    assert count(database) == 1
    insert_one(database)
    assert count(database) == 2


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="records_url"):
        Database.open(url)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError, match="could not be opened"):
        Database.open(f"sqlite:///{tmp_path}/file/records.db")
