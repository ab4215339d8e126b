"""The security headers of every answer, in one place; what a route has set itself is kept."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NO_FRAMES = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_DATA = f"default-src 'none'; sandbox; {_NO_FRAMES}"
"""JSON and stored images: nothing in them is ever run, whatever a stranger's file holds."""

_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    f"font-src 'self'; connect-src 'self'; {_NO_FRAMES}"
)
"""The console: only scripts and styles that this service serves as files; images also of its own making."""

_DOCS = _PAGE.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
"""Swagger UI, whose page FastAPI writes with an inline script; it shows nothing that a stranger sent."""

_POLICIES = {"/": _PAGE, "/docs": _DOCS, "/docs/oauth2-redirect": _DOCS}

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """Puts the headers on every answer, failures included.

    Args:
        app: what serves the request.
        shared: whether pages of other origins may use the answers (CORS decides which).
    """

    def __init__(self, app: ASGIApp, *, shared: bool) -> None:
        self._app = app
        self._always = {**_ALWAYS, "Cross-Origin-Resource-Policy": "cross-origin" if shared else "same-origin"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = _POLICIES.get(scope["path"], _DATA)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy)
                # What was read may be confidential; only what says otherwise is kept by caches.
                headers.setdefault("Cache-Control", "no-store")
                for name, value in self._always.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
