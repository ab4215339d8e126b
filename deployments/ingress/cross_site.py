"""No other site's page may change anything here through the browser of somebody who may."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.errors import RequestError
from deployments.ingress.failures import failure
from deployments.settings.access import is_loopback
from deployments.status import Status

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})


class CrossSiteGuard:
    """Refuses what a page of another origin makes a browser send, see docs/decisions/0005.

    A page whose own name was made to point at this machine (DNS rebinding) is of our origin in the
    browser's eyes, so that a service which is for this machine alone also refuses to be called by any
    name but the machine's own.

    Args:
        app: what serves the request.
        allowed_origins: pages of other origins that may call us.
        loopback_only: whether the service is for this machine alone.
    """

    def __init__(self, app: ASGIApp, *, allowed_origins: Sequence[str], loopback_only: bool) -> None:
        self._app = app
        self._allowed_origins = frozenset(allowed_origins)
        self._allowed_hosts = frozenset(urlsplit(origin).hostname for origin in allowed_origins)
        self._loopback_only = loopback_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse where it comes from."""
        if scope["type"] == "http" and (cause := self._fault(scope["method"], Headers(scope=scope))):
            error = RequestError(Status.FORBIDDEN_ORIGIN, f"{cause}; see allowed_origins in the settings")
            await failure(error, scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _fault(self, method: str, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if self._loopback_only and host and not self._is_ours(host):
            return "this service is for its own machine and is not called by the name in the Host header"
        if method in _SAFE_METHODS or headers.get("origin") in self._allowed_origins or not is_cross_site(headers):
            return None
        return "a page of another site may not send this"

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return is_loopback(name) or name in self._allowed_hosts


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
