"""What HAProxy refuses by itself, which no ingress sees: read from HAProxy's own pages for Prometheus."""

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import httpx

from deployments.cluster.haproxy_shim import REFUSED

WINDOW_S = 60
_TIMEOUT_S = 1.0
_COUNT = re.compile(rf'^haproxy_backend_http_responses_total{{proxy="{REFUSED}",code="4xx"}} (\d+)', re.MULTILINE)
_ONLY_BACKENDS = {"scope": "backend"}
"""Of a page with everything, which takes HAProxy longer to write."""


def refused_in(page: str) -> int | None:
    """Requests that one HAProxy refused since it started; None where the page is not of a HAProxy that refuses."""
    found = _COUNT.search(page)
    return int(found[1]) if found else None


def refused_by(pages: Sequence[str]) -> int | None:
    """Requests that all of them refused since they started; None where no page tells. Blocks."""
    counts = []
    with httpx.Client(timeout=_TIMEOUT_S, trust_env=False, verify=False) as client:  # noqa: S501 - plain http
        for page in pages:
            try:
                counts.append(refused_in(client.get(page, params=_ONLY_BACKENDS).text))
            except httpx.HTTPError:
                continue
    told = [count for count in counts if count is not None]
    return sum(told) if told else None


class Pages:
    """The pages of this machine's HAProxies, read without blocking.

    Args:
        urls: of the pages.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        # Plain http on loopback: loading certificates would take longer than all its requests.
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, verify=False)  # noqa: S501

    async def __call__(self) -> dict[str, int]:
        """What each has counted; one that does not answer is left out."""
        counts = {}
        for url in self._urls:
            try:
                answer = await self._client.get(url, params=_ONLY_BACKENDS)
            except httpx.HTTPError:
                continue
            count = refused_in(answer.text)
            if count is not None:
                counts[url] = count
        return counts


class Refusals:
    """Requests that HAProxy refused in the last minute, as far as somebody asked meanwhile.

    HAProxy counts from its own start, and starts anew with each change of its replicas: what a page has
    grown by since the last look is what was refused since, and a page that fell began again at zero.

    Args:
        look: what each page has counted; none where the service has no HAProxy of its own.
        clock: seconds, steadily growing.
    """

    def __init__(
        self, look: Callable[[], Awaitable[dict[str, int]]] | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look = look
        self._clock = clock
        self._looking = asyncio.Lock()
        self._last: dict[str, int] = {}
        self._last_s = 0.0
        self._grown: deque[tuple[float, int]] = deque()

    async def last_minute(self) -> int | None:
        """How many; None where nobody counts. The first look, and one after a minute without any, begins at zero."""
        if self._look is None:
            return None
        # One after the other: an older look that came later would seem to begin at zero.
        async with self._looking:
            self._take(await self._look(), self._clock())
        return sum(grown for _, grown in self._grown) if self._last else None

    def _take(self, counts: dict[str, int], now_s: float) -> None:
        if now_s - self._last_s > WINDOW_S:
            self._last = {}
        known = [(count, self._last[url]) for url, count in counts.items() if url in self._last]
        self._grown.append((now_s, sum(count - before if count >= before else count for count, before in known)))
        self._last, self._last_s = self._last | counts, now_s
        while now_s - self._grown[0][0] > WINDOW_S:
            self._grown.popleft()
