"""No body over the limit reaches a route, and whoever sent one reads why."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.errors import RequestError
from deployments.ingress.draining import drain
from deployments.ingress.failures import RETRAIN_PATH, RETRAINS_PATH, failure
from deployments.settings.limits import LimitSettings
from deployments.status import Status


class BodyLimit:
    """Refuses a body over the limit as soon as its length is known, before it is parsed.

    The refusal is sent once the client has finished sending, or has sent far too much.
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
                    await drain(receive)
                raise RequestError(Status.BODY_TOO_LARGE, f"the body has more than {limit} bytes")
            return message

        if declared.isascii() and declared.isdecimal() and int(declared) > limit:
            error = RequestError(Status.BODY_TOO_LARGE, f"the body has {declared} bytes, the limit is {limit}")
            answer = failure(error, scope["path"])
            if not await drain(receive):
                answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        await self._app(scope, receive_bounded, send)
