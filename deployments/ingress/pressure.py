"""Under too much load, requests are refused before anything is done for them."""

from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.errors import TooBusyError
from deployments.ingress.draining import drain
from deployments.ingress.failures import failure
from deployments.ingress.reading import ReadingClient
from deployments.ingress.traffic import READING_PATHS


class PressureGuard:
    """Refuses a request to read while as many images wait as may.

    The queue would refuse it too, but only once its body was parsed and its image decoded from base64;
    three times the load that can be served would then leave no time to serve it.
    """

    def __init__(self, app: ASGIApp, *, reading: ReadingClient) -> None:
        self._app = app
        self._reading = reading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "http" and scope["path"] in READING_PATHS:
            try:
                self._reading.check_room()
            except TooBusyError as e:
                await drain(receive)
                await failure(e, scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)
