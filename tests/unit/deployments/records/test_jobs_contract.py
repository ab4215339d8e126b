"""What every database has to keep of retrain jobs and of what happens to them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deployments.errors import StorageError
from deployments.records import (
    Database,
    DatasetRecords,
    Event,
    RetrainEventRecords,
    RetrainRecords,
    RetrainRow,
    RetrainState,
)
from tests.unit.deployments.records.examples import dataset, retrain

THEN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = THEN + timedelta(minutes=1)
SOON = (RetrainState.RUNNING, RetrainState.EVALUATING)


def stored_jobs(database: Database, *states: RetrainState) -> list[RetrainRow]:
    folder = dataset()
    jobs = [retrain(folder.id, state=state) for state in states]
    with database.writing() as connection:
        DatasetRecords(connection).insert(folder)
        for job in jobs:
            RetrainRecords(connection).insert(job)
    return jobs


def got(database: Database, retrain_id: str) -> RetrainRow | None:
    with database.reading() as connection:
        return RetrainRecords(connection).get(retrain_id)


def told(database: Database, retrain_id: str, after: int = 0, limit: int = 1000) -> list[tuple[int, str, object]]:
    with database.reading() as connection:
        events = RetrainEventRecords(connection).after(retrain_id, after, limit=limit)
    assert {event.retrain_id for event in events} <= {retrain_id}
    return [(event.seq, event.kind, event.data) for event in events]


def test_jobs_take_their_turn_in_order(database: Database) -> None:
    states = [RetrainState.PROMOTED, RetrainState.RUNNING, RetrainState.QUEUED, RetrainState.FAILED]
    jobs = stored_jobs(database, *states, RetrainState.QUEUED, RetrainState.EVALUATING, RetrainState.ROLLING_OUT)

    with database.reading() as connection:
        records = RetrainRecords(connection)
        assert records.oldest(RetrainState.QUEUED) == jobs[2]
        assert records.oldest(RetrainState.CANCELLED) is None
        assert records.unfinished() == (jobs[1], jobs[5], jobs[6])
        assert [records.ahead_of(jobs[n]) for n in (1, 2, 4, 6)] == [0, 0, 1, 2]


def test_a_move_changes_what_is_given_and_leaves_the_rest(database: Database) -> None:
    [job] = stored_jobs(database, RetrainState.RUNNING)

    with database.writing() as connection:
        moved = RetrainRecords(connection).move(
            job.id, to=RetrainState.ROLLING_OUT, from_=SOON, at=LATER, verdict={"promoted": True}, candidate="tuned-2"
        )

    assert moved
    expected = replace(
        job,
        state=RetrainState.ROLLING_OUT,
        updated_at=LATER,
        verdict={"promoted": True},
        candidate="tuned-2",
    )
    assert got(database, job.id) == expected
    with database.writing() as connection:
        assert RetrainRecords(connection).move(
            job.id, to=RetrainState.FAILED, from_=[RetrainState.ROLLING_OUT], at=LATER, reason="why", job_id="j"
        )
    assert got(database, job.id) == replace(expected, state=RetrainState.FAILED, reason="why", job_id="j")


def test_a_move_from_another_state_changes_nothing(database: Database) -> None:
    [job] = stored_jobs(database, RetrainState.CANCELLED)

    with database.writing() as connection:
        records = RetrainRecords(connection)
        assert not records.move(job.id, to=RetrainState.FAILED, from_=SOON, at=LATER, reason="late")
        assert not records.move("0" * 32, to=RetrainState.FAILED, from_=SOON, at=LATER)
        assert not records.move(job.id, to=RetrainState.FAILED, from_=[], at=LATER)

    assert got(database, job.id) == job
    assert len(told(database, job.id)) == 1


def test_of_many_moves_at_once_one_wins(database: Database) -> None:
    [job] = stored_jobs(database, RetrainState.QUEUED)

    def move(number: int) -> bool:
        with database.writing() as connection:
            return RetrainRecords(connection).move(
                job.id, to=RetrainState.RUNNING, from_=[RetrainState.QUEUED], at=LATER, job_id=str(number)
            )

    with ThreadPoolExecutor(8) as threads:
        won = [number for number, moved in enumerate(threads.map(move, range(8))) if moved]

    assert len(won) == 1
    row = got(database, job.id)
    assert row is not None
    assert row.job_id == str(won[0])
    assert [kind for _, kind, _ in told(database, job.id)] == ["state", "state"]


def test_progress_and_attempts_are_kept(database: Database) -> None:
    [job, other] = stored_jobs(database, RetrainState.RUNNING, RetrainState.RUNNING)

    with database.writing() as connection:
        records = RetrainRecords(connection)
        records.set_progress(job.id, {"epoch": 4}, at=LATER)
        assert [records.count_attempt(job.id, at=LATER) for _ in range(2)] == [3, 4]
        assert records.count_attempt("0" * 32, at=LATER) == 0

    assert got(database, job.id) == replace(job, progress={"epoch": 4}, attempts=4, updated_at=LATER)
    assert got(database, other.id) == other


def test_every_state_is_an_event(database: Database) -> None:
    [job] = stored_jobs(database, RetrainState.QUEUED)
    with database.writing() as connection:
        records = RetrainRecords(connection)
        records.move(job.id, to=RetrainState.RUNNING, from_=[RetrainState.QUEUED], at=THEN)
        records.move(job.id, to=RetrainState.FAILED, from_=SOON, at=LATER, reason="é字")

    assert told(database, job.id) == [
        (1, "state", {"state": "queued", "reason": "because"}),
        (2, "state", {"state": "running", "reason": ""}),
        (3, "state", {"state": "failed", "reason": "é字"}),
    ]
    with database.reading() as connection:
        assert [event.at for event in RetrainEventRecords(connection).after(job.id, 1, limit=9)] == [THEN, LATER]


def test_events_are_numbered_on_and_read_from_anywhere(database: Database) -> None:
    [job, other] = stored_jobs(database, RetrainState.RUNNING, RetrainState.RUNNING)
    epochs = [Event(at=THEN, kind="epoch", data={"epoch": n, "loss": 1 / 3}) for n in range(5)]

    with database.writing() as connection:
        records = RetrainEventRecords(connection)
        assert records.append(job.id, epochs[:2]) == 3
        assert records.append(job.id, []) == 3
        assert records.append(job.id, epochs[2:]) == 6
        assert (records.count(job.id), records.count(other.id), records.count("0" * 32)) == (6, 1, 0)

    assert told(database, job.id, after=1) == [(n + 2, "epoch", one.data) for n, one in enumerate(epochs)]
    assert [seq for seq, _, _ in told(database, job.id, after=2, limit=2)] == [3, 4]
    assert told(database, job.id, after=6) == []
    with database.reading() as connection:
        found = RetrainEventRecords(connection).after(job.id, 0, limit=9, kind="state")
        assert [event.seq for event in found] == [1]


def test_events_of_many_writers_have_no_gap_and_no_double(database: Database) -> None:
    [job] = stored_jobs(database, RetrainState.RUNNING)

    def append(number: int) -> None:
        with database.writing() as connection:
            RetrainEventRecords(connection).append(job.id, [Event(THEN, "epoch", {"of": number})] * 3)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(append, range(8)))

    events = told(database, job.id, after=1)
    assert [seq for seq, _, _ in events] == list(range(2, 26))
    assert all(events[n][2] == events[n + 2][2] for n in range(0, 24, 3))


def test_an_event_of_no_job_is_refused(database: Database) -> None:
    with pytest.raises(StorageError), database.writing() as connection:
        RetrainEventRecords(connection).append("0" * 32, [Event(THEN, "epoch", {})])


def test_which_states_are_final() -> None:
    assert [state for state in RetrainState if state.is_final] == ["promoted", "rejected", "failed", "cancelled"]
