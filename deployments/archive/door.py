"""The way from an event loop to the stores, which block: a few threads of their own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from deployments.records import Database

_T = TypeVar("_T")
_THREADS = 4


class Door:
    """Runs blocking calls for an event loop.

    Args:
        database: the records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # Our own few threads: storage that hangs must not take the event loop's default ones along.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="storage")

    async def run(self, call: Callable[[], _T]) -> _T:
        """What a call returns that blocks."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def read(self, call: Callable[[Connection], _T]) -> _T:
        """What a call returns that reads the records.

        Raises:
            StorageError: they could not be read.
        """

        def run() -> _T:
            with self._database.reading() as connection:
                return call(connection)

        return await self.run(run)

    async def write(self, call: Callable[[Connection], _T]) -> _T:
        """What a call returns that changes the records, once the change is durable.

        Raises:
            StorageError: they could not be written.
        """

        def run() -> _T:
            with self._database.writing() as connection:
                return call(connection)

        return await self.run(run)

    def close(self) -> None:
        """Wait for what runs, refuse the rest."""
        self._threads.shutdown()
