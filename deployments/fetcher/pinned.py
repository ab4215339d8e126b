"""Dials validated addresses only, whatever name the HTTP client asks for.

The name itself stays with the HTTP client, which needs it for TLS (SNI, certificate) and the Host header.
Resolving again at this point would let a name's second answer differ from the one that was checked (DNS
rebinding).
"""

from collections.abc import Iterable

import httpcore

from deployments.fetcher.addresses import Address


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """A network backend that knows addresses for some hosts, and connects to nothing else.

    Args:
        dialler: makes the connection to an address.
    """

    def __init__(self, dialler: httpcore.AsyncNetworkBackend) -> None:
        self._dialler = dialler
        self._pins: dict[tuple[str, int], tuple[Address, ...]] = {}

    def pin(self, host: str, port: int, addresses: tuple[Address, ...]) -> None:
        """From now on, dial these addresses for the host, in this order until one answers."""
        self._pins[host, port] = addresses

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - named so by the interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the host's pinned addresses.

        Raises:
            httpcore.ConnectError, httpcore.ConnectTimeout: no address answered, or none is pinned.
        """
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._pins.get((host, port), ()):
            try:
                return await self._dialler.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as e:
                failure = e
        raise failure or httpcore.ConnectError("no address was admitted for this host")

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a download never leads to a local socket."""
        raise httpcore.ConnectError("local sockets are not dialled")

    async def sleep(self, seconds: float) -> None:
        """Wait, where the HTTP client retries."""
        await self._dialler.sleep(seconds)
