"""Retrain jobs as the ingress sees them: where they stand, what happened, and a way to stop them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from deployments.archive.door import Door
from deployments.archive.layout import dataset_key
from deployments.blobs import BlobStore
from deployments.records import (
    DatasetRecords,
    EventRow,
    Page,
    RetrainEventRecords,
    RetrainRecords,
    RetrainRow,
    RetrainState,
)
from deployments.records.rows import is_id

_CANCELLABLE = (RetrainState.QUEUED, RetrainState.RUNNING, RetrainState.EVALUATING)


@dataclass(frozen=True, slots=True)
class Job:
    """A retrain job and what its row does not say.

    Attributes:
        row: the job.
        examples: how many images it learns from.
        ahead: queued jobs that have their turn first; None once it has begun.
    """

    row: RetrainRow
    examples: int
    ahead: int | None


class Jobs:
    """Retrain jobs. Everything that fails raises StorageError."""

    def __init__(self, door: Door, *, blobs: BlobStore) -> None:
        self._door = door
        self._blobs = blobs

    async def get(self, retrain_id: str) -> Job | None:
        """One job; None if there is no such job."""

        def read(connection: Connection) -> Job | None:
            row = RetrainRecords(connection).get(retrain_id)
            return None if row is None else _jobs(connection, [row])[0]

        return await self._door.read(read) if is_id(retrain_id) else None

    async def page(self, *, limit: int, before: str | None = None, state: RetrainState | None = None) -> Page[Job]:
        """Jobs, newest first; ``before`` is the cursor, ``next_before`` of the page before."""

        def read(connection: Connection) -> Page[Job]:
            page = RetrainRecords(connection).page(limit=limit, before=before, state=state)
            return Page(tuple(_jobs(connection, page.rows)), page.next_before)

        return await self._door.read(read)

    async def events(
        self, retrain_id: str, *, after: int = 0, limit: int, kind: str | None = None
    ) -> tuple[EventRow, ...]:
        """What happened to a job, in order; see ``RetrainEventRecords.after``."""
        return await self._door.read(
            lambda connection: RetrainEventRecords(connection).after(retrain_id, after, limit=limit, kind=kind)
        )

    async def queued(self) -> int:
        """How many wait for their turn."""
        return await self._door.read(lambda connection: RetrainRecords(connection).count(RetrainState.QUEUED))

    async def images(self, job: Job, indices: Collection[int]) -> dict[int, bytes]:
        """Images of the dataset that a job learns from, by their place in it; a place that it has not is left out.

        The whole dataset is read for it, so ask for all at once.
        """

        def read() -> dict[int, bytes]:
            # pyarrow takes tens of megabytes: only who asks for images pays for it.
            from deployments.archive.dataset_folder import read_images  # noqa: PLC0415

            return read_images(self._blobs, dataset_key(job.row.dataset_id), indices)

        return await self._door.run(read)

    async def cancel(self, retrain_id: str, *, reason: str) -> bool:
        """End a job that has neither ended nor reached the replicas; whether it was such a one.

        The retrainer sees it and stops what trains.
        """

        def write(connection: Connection) -> bool:
            return RetrainRecords(connection).move(
                retrain_id, to=RetrainState.CANCELLED, from_=_CANCELLABLE, at=datetime.now(UTC), reason=reason
            )

        return is_id(retrain_id) and await self._door.write(write)


def _jobs(connection: Connection, rows: Sequence[RetrainRow]) -> list[Job]:
    sizes = DatasetRecords(connection).sizes([row.dataset_id for row in rows])
    records = RetrainRecords(connection)
    return [
        Job(
            row=row,
            examples=sizes.get(row.dataset_id, 0),
            ahead=records.ahead_of(row) if row.state is RetrainState.QUEUED else None,
        )
        for row in rows
    ]
