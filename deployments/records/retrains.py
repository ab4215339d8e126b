"""The table of retrain jobs."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from deployments.records.paging import page_of
from deployments.records.retrain_events import RetrainEventRecords
from deployments.records.rows import STATE_EVENT, Event, Page, RetrainRow
from deployments.records.tables import retrains
from deployments.retrain_state import RetrainState

_NAMES = tuple(field.name for field in fields(RetrainRow))
_UNFINISHED = (RetrainState.RUNNING, RetrainState.EVALUATING, RetrainState.ROLLING_OUT)


class RetrainRecords:
    """Retrain jobs over one connection of ``Database.reading`` or ``Database.writing``.

    Every state that a job comes into is also an event of it, in the same transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert(self, row: RetrainRow) -> None:
        """Add a row."""
        self._connection.execute(insert(retrains), asdict(row))
        self._tell_state(row.id, row.state, row.reason, row.updated_at)

    def get(self, retrain_id: str) -> RetrainRow | None:
        """The row with this id, if there is one."""
        row = self._connection.execute(select(retrains).where(retrains.c.id == retrain_id)).one_or_none()
        return None if row is None else _retrain(row)

    def page(self, *, limit: int, before: str | None = None, state: RetrainState | None = None) -> Page[RetrainRow]:
        """Rows, newest first; ``before`` is the cursor, ``next_before`` of the page before."""
        statement = select(retrains)
        if state is not None:
            statement = statement.where(retrains.c.state == state)
        return page_of(self._connection, statement, retrains.c.id, make=_retrain, limit=limit, before=before)

    def count(self, state: RetrainState) -> int:
        """How many jobs stand there."""
        statement = select(func.count()).select_from(retrains).where(retrains.c.state == state)
        return self._connection.execute(statement).scalar_one()

    def counts(self) -> dict[RetrainState, int]:
        """How many jobs stand in each state, those where none stands included."""
        rows = self._connection.execute(select(retrains.c.state, func.count()).group_by(retrains.c.state))
        found = {RetrainState(state): count for state, count in rows}
        return {state: found.get(state, 0) for state in RetrainState}

    def oldest(self, state: RetrainState) -> RetrainRow | None:
        """The job that came there first, by its id; for ``QUEUED`` the one whose turn it is."""
        statement = select(retrains).where(retrains.c.state == state).order_by(retrains.c.id).limit(1)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _retrain(row)

    def unfinished(self) -> tuple[RetrainRow, ...]:
        """Jobs that were begun and have not ended, oldest first."""
        statement = select(retrains).where(retrains.c.state.in_(_UNFINISHED)).order_by(retrains.c.id)
        return tuple(_retrain(row) for row in self._connection.execute(statement))

    def ahead_of(self, row: RetrainRow) -> int:
        """How many queued jobs have their turn before this one."""
        statement = (
            select(func.count())
            .select_from(retrains)
            .where(retrains.c.state == RetrainState.QUEUED, retrains.c.id < row.id)
        )
        return self._connection.execute(statement).scalar_one()

    def move(
        self,
        retrain_id: str,
        *,
        to: RetrainState,
        from_: Collection[RetrainState],
        at: datetime,
        reason: str | None = None,
        verdict: Mapping[str, object] | None = None,
        job_id: str | None = None,
        candidate: str | None = None,
    ) -> bool:
        """Compare and set: change a job's state if it stands in one of ``from_``; whether it did.

        Args:
            retrain_id: the job.
            to: the new state.
            from_: states it may come from; in any other, or without such a job, nothing changes.
            at: when, UTC.
            reason: why; what is not given here and below stays as it is.
            verdict: both models' scores and what follows.
            job_id: Ray's submission id.
            candidate: version of the model that it made.
        """
        given = {"reason": reason, "verdict": verdict, "job_id": job_id, "candidate": candidate}
        values = {name: value for name, value in given.items() if value is not None}
        moved = self._connection.execute(
            update(retrains)
            .where(retrains.c.id == retrain_id, retrains.c.state.in_(list(from_)))
            .values(state=to, updated_at=at, **values)
        )
        if moved.rowcount != 1:
            return False
        self._tell_state(retrain_id, to, reason or "", at)
        return True

    def set_progress(self, retrain_id: str, progress: Mapping[str, object], *, at: datetime) -> None:
        """Say how far a job is."""
        self._connection.execute(
            update(retrains).where(retrains.c.id == retrain_id).values(progress=progress, updated_at=at)
        )

    def count_attempt(self, retrain_id: str, *, at: datetime) -> int:
        """Count one more beginning of a job's training; how many there are now, 0 without such a job."""
        counted = self._connection.execute(
            update(retrains)
            .where(retrains.c.id == retrain_id)
            .values(attempts=retrains.c.attempts + 1, updated_at=at)
            .returning(retrains.c.attempts)
        )
        return counted.scalar_one_or_none() or 0

    def _tell_state(self, retrain_id: str, state: RetrainState, reason: str, at: datetime) -> None:
        event = Event(at=at, kind=STATE_EVENT, data={"state": str(state), "reason": reason})
        RetrainEventRecords(self._connection).append(retrain_id, [event])


def _retrain(row: Row[Any]) -> RetrainRow:
    values = {name: getattr(row, name) for name in _NAMES}
    values["state"] = RetrainState(values["state"])
    return RetrainRow(**values)
