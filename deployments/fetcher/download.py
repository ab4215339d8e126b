"""One image: the redirects on the way to it, each hop guarded anew, and its bytes."""

import re
from dataclasses import dataclass

import aiohttp
from yarl import URL

from deployments.errors import LinkUnreachableError, UrlNotAllowedError
from deployments.fetcher.body import ByteBudget, read_body
from deployments.fetcher.connections import Connections
from deployments.fetcher.failures import HTTP_FAILURES, unreachable
from deployments.fetcher.slots import HostSlots
from deployments.fetcher.target import Target, join_target
from deployments.fetcher.tls import TlsContexts
from deployments.settings.fetch import FetchSettings

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = 200
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")


@dataclass(frozen=True, slots=True)
class FetchedImage:
    """What one download gave.

    Attributes:
        data: the body, not empty; nobody has looked whether it is an image.
        media_type: the server's Content-Type without parameters, lower case; None where missing or malformed.
    """

    data: bytes
    media_type: str | None


@dataclass(frozen=True, slots=True)
class Download:
    """What the downloads of one request have in common.

    Attributes:
        first: the target that the client named.
        cookie: value of the Cookie header, for ``first``'s own site only.
        connections: of this request.
        slots: of all requests.
        tls: chooses the TLS context.
        budget: bytes that the request's images may still take.
        settings: limits.
    """

    first: Target
    cookie: str
    connections: Connections
    slots: HostSlots
    tls: TlsContexts
    budget: ByteBudget
    settings: FetchSettings

    async def run(self) -> FetchedImage:
        """Download one image, following redirects.

        Raises:
            UrlNotAllowedError: a redirect leads where no download may go, or from https to http.
            LinkUnreachableError: no image came of it, and why.
            RequestError: EMPTY_IMAGE, an empty body.
        """
        target = self.first
        for _ in range(self.settings.max_redirects + 1):
            async with self.slots.hold(target.host):
                outcome = await self._hop(target)
            if isinstance(outcome, FetchedImage):
                return outcome
            if (target.scheme, outcome.scheme) == ("https", "http"):
                raise UrlNotAllowedError(f"{outcome.called} leads from https to http")
            target = outcome
        raise LinkUnreachableError(f"image_url redirects more than {self.settings.max_redirects} times")

    async def _hop(self, target: Target) -> FetchedImage | Target:
        client = await self.connections.to(target)
        try:
            # The URL as it was judged: what is percent-encoded stays so, and no redirect is followed unseen.
            async with client.get(
                URL(str(target.url), encoded=True),
                headers=self._headers(target),
                ssl=self.tls.of(target),
                allow_redirects=False,
            ) as response:
                return await self._receive(target, response)
        except HTTP_FAILURES as e:
            raise unreachable(e, connect_timeout_s=self.settings.connect_timeout_s) from e

    def _headers(self, target: Target) -> dict[str, str]:
        headers = {
            "User-Agent": self.settings.user_agent,
            "Accept": "image/*, */*;q=0.5",
            "Accept-Encoding": "identity",
        }
        if _same_site(self.first, target):
            headers["Cookie"] = self.cookie
        return headers

    async def _receive(self, target: Target, response: aiohttp.ClientResponse) -> FetchedImage | Target:
        if response.status in _REDIRECTS:
            location = _header(response, "Location")
            if location is None:
                raise LinkUnreachableError(f"image_url answered {response.status} without saying where to")
            return join_target(target, location)
        if response.status != _OK:
            raise LinkUnreachableError(f"image_url answered with status {response.status}")
        declared = _header(response, "Content-Length") or ""
        data = await read_body(
            response.content.iter_any(),
            encoding=_header(response, "Content-Encoding") or "",
            declared_bytes=int(declared) if declared.isdecimal() else None,
            max_bytes=self.settings.max_bytes,
            budget=self.budget,
        )
        media_type = (_header(response, "Content-Type") or "").partition(";")[0].strip().lower()
        return FetchedImage(data, media_type if _MEDIA_TYPE.fullmatch(media_type) else None)


def _header(response: aiohttp.ClientResponse, name: str) -> str | None:
    """A header's text, whatever bytes it was sent in."""
    value = response.headers.get(name)
    return None if value is None else value.encode(errors="surrogateescape").decode(errors="replace")


def _same_site(first: Target, target: Target) -> bool:
    """Whether a redirect stayed with the server that the session belongs to, or only became https there."""
    if first.host != target.host:
        return False
    became_https = (first.scheme, first.port, target.scheme, target.port) == ("http", 80, "https", 443)
    return (first.scheme, first.port) == (target.scheme, target.port) or became_https
