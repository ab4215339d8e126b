"""What every database has to keep."""

import pickle

import pytest
from sqlalchemy import text

from deployments.errors import StorageError
from deployments.records import (
    CommitUnknownError,
    Database,
    DatasetRecords,
    RecognitionRecords,
    RecognitionRow,
    RetrainRecords,
    RetrainState,
)
from tests.unit.deployments.records.examples import dataset, recognition, retrain


def stored(database: Database, *rows: RecognitionRow) -> None:
    with database.writing() as connection:
        RecognitionRecords(connection).insert_many(rows)


def test_what_is_inserted_is_got(database: Database) -> None:
    rows = [recognition(), recognition(corrected="xyz", confidence=1.0), recognition(corrected="", confidence=0.0)]
    stored(database, *rows)

    with database.reading() as connection:
        records = RecognitionRecords(connection)
        assert [records.get(row.id) for row in rows] == rows
        assert records.get("0" * 32) is None


def test_pages_go_from_the_newest_to_the_oldest(database: Database) -> None:
    rows = [recognition() for _ in range(7)]
    stored(database, *rows)
    newest_first = [row.id for row in reversed(rows)]

    with database.reading() as connection:
        records = RecognitionRecords(connection)
        first = records.page(limit=3)
        stored(database, recognition())
        second = records.page(limit=3, before=first.next_before)
        third = records.page(limit=3, before=second.next_before)

    assert [[row.id for row in page.rows] for page in (first, second, third)] == [
        newest_first[:3],
        newest_first[3:6],
        newest_first[6:],
    ]
    assert third.next_before is None


def test_a_page_that_just_holds_all_is_the_last(database: Database) -> None:
    stored(database, recognition(), recognition())

    with database.reading() as connection:
        assert RecognitionRecords(connection).page(limit=2).next_before is None
        assert RecognitionRecords(connection).page(limit=1).next_before is not None


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "dcba"),
        ({"min_confidence": 0.5}, "dcb"),
        ({"max_confidence": 0.5}, "ba"),
        ({"min_confidence": 0.4, "max_confidence": 0.8}, "cb"),
        ({"corrected": True}, "db"),
        ({"corrected": False}, "ca"),
        ({"corrected": False, "min_confidence": 0.5}, "c"),
        ({"min_confidence": 0.99}, ""),
    ],
)
def test_a_page_can_be_filtered(database: Database, filters: dict[str, float | bool], expected: str) -> None:
    rows = {
        "a": recognition(confidence=0.1),
        "b": recognition(confidence=0.5, corrected="x"),
        "c": recognition(confidence=0.8),
        "d": recognition(confidence=0.9, corrected=""),
    }
    stored(database, *rows.values())
    names = {row.id: name for name, row in rows.items()}

    with database.reading() as connection:
        page = RecognitionRecords(connection).page(limit=10, **filters)  # type: ignore[arg-type]

    assert "".join(names[row.id] for row in page.rows) == expected


def test_packs_that_are_named_are_known(database: Database) -> None:
    stored(database, recognition(pack_key="a"), recognition(pack_key="a"), recognition(pack_key="b"))

    with database.reading() as connection:
        assert RecognitionRecords(connection).packs_named(["a", "b", "c"]) == {"a", "b"}
        assert RecognitionRecords(connection).packs_named([]) == set()


def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    row = recognition()

    def insert_then(exception: Exception | None) -> None:
        with database.writing() as connection:
            RecognitionRecords(connection).insert_many([row])
            if exception is not None:
                raise exception
            RecognitionRecords(connection).insert_many([row])

    with pytest.raises(StorageError):
        insert_then(None)
    with pytest.raises(KeyError):
        insert_then(KeyError())

    with database.reading() as connection:
        assert RecognitionRecords(connection).get(row.id) is None
    stored(database, row)


def test_datasets_and_jobs_come_back_as_stored(database: Database) -> None:
    folder = dataset()
    jobs = [retrain(folder.id, state=state) for state in RetrainState]
    with database.writing() as connection:
        DatasetRecords(connection).insert(folder)
        for job in jobs:
            RetrainRecords(connection).insert(job)

    with database.reading() as connection:
        assert DatasetRecords(connection).get(folder.id) == folder
        assert DatasetRecords(connection).get("0" * 32) is None
        assert DatasetRecords(connection).known([folder.id, "0" * 32]) == {folder.id}
        assert DatasetRecords(connection).sizes([folder.id, "0" * 32]) == {folder.id: 3}
        records = RetrainRecords(connection)
        assert [records.get(job.id) for job in jobs] == jobs
        assert records.get("0" * 32) is None
        assert records.page(limit=50).rows == tuple(reversed(jobs))
        assert records.page(limit=2, before=jobs[3].id).rows == (jobs[2], jobs[1])
        assert records.page(limit=9, state=RetrainState.ROLLING_OUT).rows == (jobs[3],)
        assert records.count(RetrainState.QUEUED) == 1


def test_a_job_without_its_dataset_is_refused(database: Database) -> None:
    with pytest.raises(StorageError), database.writing() as connection:
        RetrainRecords(connection).insert(retrain("0" * 32))


def test_an_error_shows_nothing_internal(database: Database) -> None:
    with pytest.raises(StorageError) as caught, database.reading() as connection:
        connection.execute(text("SELECT secret FROM nowhere"))

    assert caught.value.detail == "the records could not be read"


def test_a_check_passes_and_changes_nothing(database: Database) -> None:
    database.check()

    with database.reading() as connection:
        assert RecognitionRecords(connection).page(limit=1).rows == ()
        assert RetrainRecords(connection).page(limit=1).rows == ()


def test_the_error_of_a_commit_crosses_process_borders() -> None:
    error = pickle.loads(pickle.dumps(CommitUnknownError("the records could not be written")))

    assert type(error) is CommitUnknownError
    assert error.detail == "the records could not be written"
