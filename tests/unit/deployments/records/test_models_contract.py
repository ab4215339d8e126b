"""What every database has to keep of model versions, and of which one serves."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deployments.errors import StorageError
from deployments.records import (
    Database,
    DatasetRecords,
    ModelRecords,
    ModelRow,
    RetrainRecords,
    RetrainState,
    ServingRecords,
    ServingRow,
)
from tests.unit.deployments.records.examples import dataset, model, retrain

THEN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def stored(database: Database, *rows: ModelRow) -> None:
    with database.writing() as connection:
        assert all(ModelRecords(connection).insert(row) for row in rows)


def test_models_come_back_as_stored(database: Database) -> None:
    folder = dataset()
    job = retrain(folder.id, state=RetrainState.PROMOTED)
    with database.writing() as connection:
        DatasetRecords(connection).insert(folder)
        RetrainRecords(connection).insert(job)
    rows = [model("base-1"), model("v" * 100, retrain_id=job.id)]
    stored(database, *rows)

    with database.reading() as connection:
        assert [ModelRecords(connection).get(row.version) for row in rows] == rows
        assert ModelRecords(connection).get("base-2") is None


def test_a_version_is_never_replaced(database: Database) -> None:
    stored(database, model("base-1"))

    with database.writing() as connection:
        assert not ModelRecords(connection).insert(replace(model("base-1"), key="elsewhere"))

    with database.reading() as connection:
        assert ModelRecords(connection).get("base-1") == model("base-1")


def test_pages_of_models_go_from_the_newest_to_the_oldest(database: Database) -> None:
    times = [0, 3, 1, 1, 1, 2]
    rows = {n: model(f"m{n}", created_at=THEN + timedelta(seconds=after)) for n, after in enumerate(times)}
    stored(database, *rows.values())

    with database.reading() as connection:
        records = ModelRecords(connection)
        first = records.page(limit=3)
        second = records.page(limit=3, before=first.next_before)
        assert [row.version for row in first.rows] == ["m1", "m5", "m4"]
        assert [row.version for row in second.rows] == ["m3", "m2", "m0"]
        assert second.next_before is None
        assert records.page(limit=3, before="unknown").rows == ()
        assert len(records.page(limit=6).rows) == 6


def test_a_generation_points_at_a_version_and_the_next_at_another(database: Database) -> None:
    stored(database, model("base-1"), model("tuned-1"))
    with database.reading() as connection:
        assert ServingRecords(connection).current() is None
        assert ServingRecords(connection).history(limit=5) == ()

    rows = []
    for version in ("base-1", "tuned-1", "base-1"):
        with database.writing() as connection:
            rows.append(ServingRecords(connection).advance(version, reason=f"to {version}", at=THEN))

    assert rows[2] == ServingRow(generation=3, version="base-1", created_at=THEN, reason="to base-1")
    with database.reading() as connection:
        assert ServingRecords(connection).current() == rows[2]
        assert ServingRecords(connection).history(limit=2) == (rows[2], rows[1])
        assert ServingRecords(connection).history(limit=9) == tuple(rows[::-1])


def test_an_unknown_version_never_serves(database: Database) -> None:
    with pytest.raises(StorageError), database.writing() as connection:
        ServingRecords(connection).advance("unknown", reason="", at=THEN)

    with database.reading() as connection:
        assert ServingRecords(connection).current() is None


def test_of_many_that_advance_at_once_each_has_its_generation(database: Database) -> None:
    versions = [f"m{n}" for n in range(8)]
    stored(database, *map(model, versions))

    def advance(version: str) -> ServingRow:
        with database.writing() as connection:
            return ServingRecords(connection).advance(version, reason="", at=THEN)

    with ThreadPoolExecutor(8) as threads:
        rows = list(threads.map(advance, versions))

    assert sorted(row.generation for row in rows) == list(range(1, 9))
    with database.reading() as connection:
        history = ServingRecords(connection).history(limit=9)
    assert {row.generation: row.version for row in history} == {row.generation: row.version for row in rows}
