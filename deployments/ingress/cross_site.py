"""No other site's page may change anything here through the browser of somebody who may."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.errors import RequestError
from deployments.ingress.failures import failure
from deployments.status import Status

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})


class CrossSiteGuard:
    """Refuses what a page of another origin makes a browser send, see docs/decisions/0005."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse where it comes from."""
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS and is_cross_site(Headers(scope=scope)):
            error = RequestError(Status.FORBIDDEN_ORIGIN, "a page of another site may not send this")
            await failure(error, scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_cross_site(headers: Headers) -> bool:
    """Whether a browser says that another site's page sends a request.

    Current browsers say so themselves (Fetch Metadata) wherever the page or this service is on HTTPS or
    on loopback; else they name the page's origin. Whoever sends neither is no browser.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _OWN
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
