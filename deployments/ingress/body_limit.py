"""No body over the limit reaches a route, and whoever sent one reads why."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.errors import RequestError
from deployments.ingress.failures import RETRAIN_PATH, RETRAINS_PATH, failure
from deployments.settings.limits import MEBIBYTE, LimitSettings
from deployments.status import Status

_DRAIN_BYTES = 512 * MEBIBYTE
_DRAIN_S = 10.0
"""How much of a refused body is still taken in, unkept, before its sender is told."""


class BodyLimit:
    """Refuses a body over the limit as soon as its length is known, before it is parsed.

    The refusal is sent once the client has finished sending, or has sent far too much: closing a
    connection with bytes unread resets it, and a reset discards an answer still under way
    (RFC 9112, section 9.6).
    """

    def __init__(self, app: ASGIApp, *, limits: LimitSettings) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        retrain = scope["path"] in {RETRAIN_PATH, RETRAINS_PATH}
        limit = self._limits.retrain_body_bytes if retrain else self._limits.body_bytes
        declared = Headers(scope=scope).get("content-length", "0")
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                if message.get("more_body", False):
                    await _drain(receive)
                raise RequestError(Status.BODY_TOO_LARGE, f"the body has more than {limit} bytes")
            return message

        if declared.isascii() and declared.isdecimal() and int(declared) > limit:
            error = RequestError(Status.BODY_TOO_LARGE, f"the body has {declared} bytes, the limit is {limit}")
            answer = failure(error, scope["path"])
            if not await _drain(receive):
                answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        await self._app(scope, receive_bounded, send)


async def _drain(receive: Receive) -> bool:
    """Take in the rest of a body, keeping none of it; say whether it came to its end."""
    taken = 0
    try:
        async with asyncio.timeout(_DRAIN_S):
            while taken <= _DRAIN_BYTES:
                message = await receive()
                taken += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    except TimeoutError:
        pass
    return False
