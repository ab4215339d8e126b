"""One request's connections: admitted hosts, pinned addresses, one client that keeps them alive."""

import asyncio
from collections.abc import Callable

import aiohttp

from deployments.fetcher.guard import Guard
from deployments.fetcher.pinned import PinnedConnector
from deployments.fetcher.target import Target
from deployments.settings.fetch import FetchSettings

MakeConnector = Callable[..., PinnedConnector]


class Connections:
    """Asks the guard once per host, and keeps connections for the request's further downloads.

    Args:
        guard: admits hosts.
        make_connector: called with ``connections``; connects to addresses.
        settings: how many connections are kept.
    """

    def __init__(self, *, guard: Guard, make_connector: MakeConnector, settings: FetchSettings) -> None:
        self._guard = guard
        self._connector = make_connector(connections=settings.max_concurrency_per_host)
        self._admitted: set[tuple[str, int]] = set()
        self._admitting = asyncio.Lock()
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=settings.connect_timeout_s),
        )

    async def to(self, target: Target) -> aiohttp.ClientSession:
        """The client to send a target's request through, which dials only addresses that the guard admitted.

        Raises:
            UrlNotAllowedError, LinkUnreachableError: as ``Guard.admit``.
        """
        async with self._admitting:
            if (target.host, target.port) not in self._admitted:
                self._connector.pin(target.host, target.port, await self._guard.admit(target))
                self._admitted.add((target.host, target.port))
        return self._session

    async def aclose(self) -> None:
        """Close every connection."""
        await self._session.close()
