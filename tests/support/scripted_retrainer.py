"""A retrainer that does not train: takes the first queued job and tells of it what a test wants told."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from deployments.records import Database, Event, RetrainEventRecords, RetrainRecords, RetrainState
from tests.support.waiting import wait_for

VERDICT: Mapping[str, object] = {
    "format": 1,
    "outcome": "promote",
    "reason": "it reads 40 more of 166 held-out images",
    "held_out": {
        "n": 166,
        "serving": {"exact": 74.1},
        "candidate": {"exact": 98.2},
        "gained": 41,
        "lost": 1,
        "p_value": 2.4e-11,
    },
    "golden": {"n": 600, "serving": {"exact": 61.0}, "candidate": {"exact": 60.7}},
    "examples": [{"index": n, "label": f"[{n}]", "serving": "x", "candidate": f"[{n}]"} for n in range(12)],
    "suspects": [{"index": 7, "label": "8", "read": "B", "confidence": 0.987}],
    "dropped": {
        "counts": {"duplicate": 3, "contradiction": 0, "too_long": 1},
        "examples": [{"index": 9, "why": "duplicate"}],
    },
    "new_characters": "ß",
}
EPOCHS = tuple(
    {"epoch": n, "loss": 1 / n, "held_out_exact": 30.0 * n, "progress": n / 3, "left_s": 60 - 20 * n} for n in (1, 2, 3)
)


def begin_first_job(database: Database) -> str:
    """Wait for a queued job and let it train for three epochs; its id."""
    wait_for(lambda: _queued(database), timeout_s=20)
    with database.reading() as connection:
        row = RetrainRecords(connection).oldest(RetrainState.QUEUED)
    assert row is not None
    with database.writing() as connection:
        now = datetime.now(UTC)
        RetrainRecords(connection).move(row.id, to=RetrainState.RUNNING, from_=[RetrainState.QUEUED], at=now)
        RetrainEventRecords(connection).append(row.id, [Event(now, "epoch", epoch) for epoch in EPOCHS])
    return row.id


def end_job(database: Database, retrain_id: str, state: RetrainState, *, reason: str = "so") -> None:
    """Bring a job that trains to its end."""
    judged = state in {RetrainState.PROMOTED, RetrainState.REJECTED}
    with database.writing() as connection:
        RetrainRecords(connection).move(
            retrain_id,
            to=state,
            from_=[RetrainState.RUNNING],
            at=datetime.now(UTC),
            reason=reason,
            verdict=VERDICT if judged else None,
            candidate="retrain-1" if state is RetrainState.PROMOTED else None,
        )


@contextmanager
def scripted(database: Database, state: RetrainState, *, reason: str = "so") -> Iterator[None]:
    """Meanwhile, the first job begins and comes to its end."""

    def run() -> None:
        end_job(database, begin_first_job(database), state, reason=reason)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _queued(database: Database) -> bool:
    with database.reading() as connection:
        return RetrainRecords(connection).count(RetrainState.QUEUED) > 0
