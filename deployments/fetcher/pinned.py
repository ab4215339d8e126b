"""Dials validated addresses only, whatever name the HTTP client asks for.

The name itself stays with the HTTP client, which needs it for TLS (SNI, certificate) and the Host header.
Resolving again at this point would let a name's second answer differ from the one that was checked (DNS
rebinding).
"""

import socket
from collections.abc import Sequence

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.tracing import Trace

from deployments.fetcher.addresses import Address


class PinnedConnector(aiohttp.TCPConnector):
    """Connections to pinned addresses for some hosts, and to nothing else.

    Args:
        connections: at once, at most.
    """

    def __init__(self, *, connections: int) -> None:
        # One address after the other, in the order in which they were pinned.
        super().__init__(limit=connections, happy_eyeballs_delay=None, use_dns_cache=False)
        self._pins: dict[tuple[str, int], tuple[Address, ...]] = {}

    def pin(self, host: str, port: int, addresses: tuple[Address, ...]) -> None:
        """From now on, dial these addresses for the host, in this order until one answers."""
        self._pins[host, port] = addresses

    async def _resolve_host(self, host: str, port: int, traces: Sequence[Trace] | None = None) -> list[ResolveResult]:
        """Where the HTTP client would look a name up, or take a number in it for an address."""
        del traces
        addresses = self._pins.get((host, port), ())
        if not addresses:
            raise OSError("no address was admitted for this host")
        return [
            {
                "hostname": host,
                "host": str(address),
                "port": port,
                "family": socket.AF_INET if address.version == 4 else socket.AF_INET6,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            }
            for address in addresses
        ]
