"""Host names to addresses, once per request and host."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address

from deployments.fetcher.addresses import Address

# (host, port) -> the addresses as text, in the order to try them; OSError where there are none.
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


class SystemResolver:
    """Asks the operating system, in threads of its own.

    A look-up cannot be interrupted, and a stranger's name server may answer slowly: in the event loop's shared
    threads a few such names would hold up everything else that the process does there.

    Args:
        threads: look-ups at once; further ones wait.
    """

    def __init__(self, threads: int = 8) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolver")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Look a name up.

        Raises:
            OSError: the name does not resolve (``socket.gaierror``).
        """
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        answers = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [str(sockaddr[0]) for *_, sockaddr in answers]

    def close(self) -> None:
        """Start no further look-up; one that hangs is left to end by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def resolve(resolver: Resolver, host: str, port: int) -> tuple[Address, ...]:
    """Resolve a name to its distinct addresses, in the resolver's order; never empty.

    Raises:
        OSError: the name does not resolve.
    """
    found = tuple(dict.fromkeys(ip_address(text) for text in await resolver(host, port)))
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    return found
