"""One request's connections: admitted hosts, pinned addresses, a pool for each kind of TLS."""

import asyncio

import httpcore

from deployments.fetcher.guard import Guard
from deployments.fetcher.pinned import PinnedBackend
from deployments.fetcher.target import Target
from deployments.fetcher.tls import TlsContexts
from deployments.settings.fetch import FetchSettings


class Connections:
    """Asks the guard once per host, and keeps connections for the request's further downloads.

    Args:
        guard: admits hosts.
        tls: chooses the TLS context.
        dialler: connects to addresses.
        settings: how many connections are kept.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        tls: TlsContexts,
        dialler: httpcore.AsyncNetworkBackend,
        settings: FetchSettings,
    ) -> None:
        self._guard = guard
        self._tls = tls
        self._settings = settings
        self._backend = PinnedBackend(dialler)
        self._admitted: set[tuple[str, int]] = set()
        self._admitting = asyncio.Lock()
        self._pools: dict[bool, httpcore.AsyncConnectionPool] = {}

    async def to(self, target: Target) -> httpcore.AsyncConnectionPool:
        """The pool to send a target's request through, which dials only addresses that the guard admitted.

        Raises:
            UrlNotAllowedError, LinkUnreachableError: as ``Guard.admit``.
        """
        async with self._admitting:
            if (target.host, target.port) not in self._admitted:
                self._backend.pin(target.host, target.port, await self._guard.admit(target))
                self._admitted.add((target.host, target.port))
        legacy = self._tls.is_legacy(target)
        if legacy not in self._pools:
            self._pools[legacy] = httpcore.AsyncConnectionPool(
                ssl_context=self._tls.of(target),
                max_connections=self._settings.max_concurrency_per_host,
                network_backend=self._backend,
            )
        return self._pools[legacy]

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()
