"""Downloads a URL as many times as asked, or fails as a whole."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from deployments.errors import LinkUnreachableError, NotReadyError
from deployments.fetcher.body import ByteBudget
from deployments.fetcher.connections import Connections, MakeConnector
from deployments.fetcher.cookie import cookie_header
from deployments.fetcher.download import Download, FetchedImage
from deployments.fetcher.guard import Guard
from deployments.fetcher.pinned import PinnedConnector
from deployments.fetcher.resolver import Resolver, SystemResolver
from deployments.fetcher.slots import HostSlots
from deployments.fetcher.target import parse_target
from deployments.fetcher.tls import TlsContexts
from deployments.settings.fetch import FetchSettings

Arrived = Callable[[int, FetchedImage], None]


class Fetcher:
    """Guarded downloads, shared by all requests of one event loop.

    Args:
        settings: what may be reached, and the limits.
        resolver: finds a name's addresses; the operating system's by default.
        make_connector: makes what connects to addresses that have been admitted, for each request.

    Raises:
        ConfigError: ``settings.ca_file`` cannot be read.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        resolver: Resolver | None = None,
        make_connector: MakeConnector = PinnedConnector,
    ) -> None:
        self._settings = settings
        self._system_resolver = SystemResolver()
        self._guard = Guard(settings, resolver or self._system_resolver)
        self._tls = TlsContexts(settings)
        self._make_connector = make_connector
        self._slots = HostSlots(settings.max_concurrency_per_host)
        self._closed = False
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def fetch_many(
        self, url: str, *, session_id: str, count: int, arrived: Arrived = lambda _, __: None
    ) -> list[FetchedImage]:
        """Download a URL ``count`` times; a captcha's URL answers a new image each time.

        The first failure cancels the other downloads.

        Args:
            url: an http or https URL.
            session_id: sent as a cookie with every download, but never to another site by a redirect.
            count: downloads, at least 1; the caller bounds it.
            arrived: told of each image, with its place in the result, as soon as it is there.

        Returns:
            ``count`` images, in the order in which they were asked for.

        Raises:
            UrlNotAllowedError: the URL, or a redirect of it, leads where no download may go.
            LinkUnreachableError: a download gave no image, or all of them took too long.
            RequestError: EMPTY_SESSION, EMPTY_IMAGE, or INVALID_REQUEST: no cookie can carry session_id.
            NotReadyError: the fetcher is closed.
        """
        if count < 1:
            raise ValueError(f"count is {count}, must be at least 1")
        if self._closed:
            raise NotReadyError("the service is stopping")
        target = parse_target(url)
        cookie = cookie_header(self._settings.cookie_name, session_id)
        self._running += 1
        self._idle.clear()
        try:
            connections = Connections(guard=self._guard, make_connector=self._make_connector, settings=self._settings)
            async with aclosing(connections), asyncio.timeout(self._settings.total_timeout_s):
                await connections.to(target)
                return await _run_all(
                    Download(
                        first=target,
                        cookie=cookie,
                        connections=connections,
                        slots=self._slots,
                        tls=self._tls,
                        budget=ByteBudget(self._settings.max_total_bytes),
                        settings=self._settings,
                    ),
                    count,
                    arrived,
                )
        except TimeoutError as e:
            raise LinkUnreachableError(
                f"image_url did not give {count} images within {self._settings.total_timeout_s:g} s"
            ) from e
        finally:
            self._running -= 1
            if self._running == 0:
                self._idle.set()

    async def aclose(self) -> None:
        """Take no further downloads, and wait for the running ones, which their own deadline ends."""
        self._closed = True
        await self._idle.wait()
        self._system_resolver.close()


async def _run_all(download: Download, count: int, arrived: Arrived) -> list[FetchedImage]:
    async def run(place: int) -> FetchedImage:
        image = await download.run()
        arrived(place, image)
        return image

    failure: Exception | None = None
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(run(place)) for place in range(count)]
    except ExceptionGroup as failures:
        # Clients get the first failure itself: the others are mostly the same one again.
        failure = failures.exceptions[0]
    if failure is not None:
        raise failure
    return [task.result() for task in tasks]
