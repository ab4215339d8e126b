"""Host names to addresses, once per request and host."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

from deployments.fetcher.addresses import Address

# (host, port) -> the addresses as text, in the order to try them; OSError where there are none.
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the operating system.

    Raises:
        OSError: the name does not resolve (``socket.gaierror``).
    """
    answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in answers]


async def resolve(resolver: Resolver, host: str, port: int) -> tuple[Address, ...]:
    """Resolve a name to its distinct addresses, in the resolver's order; never empty.

    Raises:
        OSError: the name does not resolve.
    """
    found = tuple(dict.fromkeys(ip_address(text) for text in await resolver(host, port)))
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    return found
