"""Model versions as the ingress sees them: where each comes from, and which one serves."""

from dataclasses import dataclass

from sqlalchemy import Connection

from deployments.archive.door import Door
from deployments.records import ModelRecords, ModelRow, Page, ServingRecords, ServingRow
from deployments.records.rows import is_version

_MAX_ANCESTORS = 100


@dataclass(frozen=True, slots=True)
class Version:
    """A model version and what its row does not say.

    Attributes:
        row: the version.
        generation: by which it serves now; None if another one does.
        ancestors: its parent, the parent's parent and so on, as far as they are known, at most 100.
    """

    row: ModelRow
    generation: int | None
    ancestors: tuple[str, ...] = ()


class Versions:
    """Model versions. Everything that fails raises StorageError."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def get(self, version: str) -> Version | None:
        """One version; None if there is no such version."""

        def read(connection: Connection) -> Version | None:
            records = ModelRecords(connection)
            row = records.get(version)
            if row is None:
                return None
            return Version(row, _generation(row, ServingRecords(connection).current()), _ancestors(records, row))

        return await self._door.read(read) if is_version(version) else None

    async def page(self, *, limit: int, before: str | None = None) -> Page[Version]:
        """Versions, newest first; ``before`` is the cursor, ``next_before`` of the page before."""

        def read(connection: Connection) -> Page[Version]:
            page = ModelRecords(connection).page(limit=limit, before=before)
            current = ServingRecords(connection).current()
            return Page(tuple(Version(row, _generation(row, current)) for row in page.rows), page.next_before)

        return await self._door.read(read)

    async def serving(self, *, limit: int = 1) -> tuple[ServingRow, ...]:
        """What serves and what served before, newest first; empty before anything did."""
        return await self._door.read(lambda connection: ServingRecords(connection).history(limit=limit))


def _generation(row: ModelRow, current: ServingRow | None) -> int | None:
    return current.generation if current is not None and current.version == row.version else None


def _ancestors(records: ModelRecords, row: ModelRow) -> tuple[str, ...]:
    found: list[str] = []
    parent = row.parent
    while parent is not None and parent not in found and len(found) < _MAX_ANCESTORS:
        found.append(parent)
        above = records.get(parent)
        parent = None if above is None else above.parent
    return tuple(found)
