"""What only PostgreSQL can show: a server that stops and comes back."""

from collections.abc import Iterator

import pytest

from deployments.errors import StorageError
from deployments.records import CommitUnknownError, Database, RecognitionRecords
from tests.unit.deployments.records.examples import recognition
from tests.unit.deployments.records.postgresql_server import PostgresServer

pytestmark = pytest.mark.slow


@pytest.fixture
def database(postgresql: PostgresServer) -> Iterator[Database]:
    opened = Database.open(postgresql.fresh_url(), timeout_s=2.0)
    yield opened
    opened.close()


def test_a_server_that_stops_is_told_and_used_again_when_it_is_back(
    database: Database, postgresql: PostgresServer
) -> None:
    first, lost, last = recognition(), recognition(), recognition()
    with database.writing() as connection:
        RecognitionRecords(connection).insert_many([first])

    postgresql.stop()
    try:
        with pytest.raises(StorageError), database.writing() as connection:
            RecognitionRecords(connection).insert_many([lost])
        with pytest.raises(StorageError), database.reading() as connection:
            RecognitionRecords(connection).get(first.id)
        with pytest.raises(StorageError):
            database.check()
    finally:
        postgresql.start()

    with database.writing() as connection:
        RecognitionRecords(connection).insert_many([last])
    with database.reading() as connection:
        assert RecognitionRecords(connection).page(limit=9).rows == (last, first)


def test_a_commit_that_breaks_off_is_told_apart(database: Database, postgresql: PostgresServer) -> None:
    def insert_while_it_stops() -> None:
        with database.writing() as connection:
            RecognitionRecords(connection).insert_many([recognition()])
            postgresql.stop()

    try:
        with pytest.raises(CommitUnknownError):
            insert_while_it_stops()
    finally:
        postgresql.start()

    database.check()
