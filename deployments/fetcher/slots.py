"""How many downloads run from one host at once, over all requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class _Slot:
    semaphore: asyncio.Semaphore
    users: int = 0


class HostSlots:
    """A limit per host; a host that nobody downloads from is forgotten.

    Args:
        per_host: downloads at once.
    """

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._slots: dict[str, _Slot] = {}

    @asynccontextmanager
    async def hold(self, host: str) -> AsyncIterator[None]:
        """Wait for a place at the host, in order of arrival, and hold it."""
        slot = self._slots.setdefault(host, _Slot(asyncio.Semaphore(self._per_host)))
        slot.users += 1
        try:
            async with slot.semaphore:
                yield
        finally:
            slot.users -= 1
            if slot.users == 0:
                del self._slots[host]

    def __len__(self) -> int:
        """How many hosts are being downloaded from or waited for."""
        return len(self._slots)
