"""What every request passes before its route, outermost first.

1. SecurityHeaders (in `headers`): on every answer, those of the following included.
2. RequestContext: the id, so that every log line and answer has it; and the net under
   everything: what no handler caught becomes a plain 500.
3. PeerGuard: with a loopback service no peer from beyond is answered, on whatever port it
   came (in Ray's high-throughput mode replicas listen on all interfaces).
4. CrossSiteGuard (in `cross_site`): what another site's page makes a browser send is refused.
5. CORS (Starlette's), where other origins are allowed.
6. BodyLimit (in `body_limit`): the body is refused while it streams in.
"""

import logging
import re
import time

import uuid_utils
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.errors import RequestError
from deployments.ingress.failures import READING_PATHS, failure
from deployments.ingress.traffic import Traffic
from deployments.logs import request_id
from deployments.metrics.catalogue import REQUEST_SECONDS
from deployments.metrics.meter import Meter
from deployments.settings.access import is_loopback
from deployments.status import Status

logger = logging.getLogger(__name__)

_CLIENT_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


class RequestContext:
    """Gives the request an id (the client's X-Request-ID if it is a sane one); logs and measures it at its end.

    Args:
        app: what serves the request.
        answers_id: whether to put the id on the answer; under Serve, Serve does it.
        meter: takes how long it took.
        traffic: the same of reading requests, for people to look at.
    """

    def __init__(self, app: ASGIApp, *, answers_id: bool, meter: Meter, traffic: Traffic) -> None:
        self._app = app
        self._meter = meter
        self._traffic = traffic
        self._answers_id = answers_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        current = given if _CLIENT_ID.fullmatch(given) else uuid_utils.uuid7().hex
        token = request_id.set(current)
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._answers_id:
                    MutableHeaders(scope=message)["X-Request-Id"] = current
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            logger.exception("unhandled error")
            if status:
                raise
            answer = failure(RequestError(Status.INTERNAL, "the service failed on this request"), scope["path"])
            await answer(scope, receive, send_with_id)
        finally:
            duration_s = time.perf_counter() - started
            self._meter.observe(REQUEST_SECONDS, duration_s, route=_route(scope), code=str(status or "aborted"))
            if scope["path"] in READING_PATHS:
                self._traffic.count(status=status, duration_s=duration_s)
            logger.debug(
                "request",
                extra={
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "duration_ms": round(duration_s * 1000, 2),
                },
            )
            request_id.reset(token)


def _route(scope: Scope) -> str:
    """The route as it is declared, so that ids in paths make no series of their own."""
    return str(getattr(scope.get("route"), "path_format", "none"))


class PeerGuard:
    """Refuses peers beyond loopback while the service is meant for this machine alone."""

    def __init__(self, app: ASGIApp, *, loopback_only: bool) -> None:
        self._app = app
        self._loopback_only = loopback_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse its peer."""
        if self._loopback_only and scope["type"] == "http":
            client = scope.get("client")
            if not client or not is_loopback(client[0]):
                error = RequestError(
                    Status.FORBIDDEN_PEER, "this service answers its own machine only; set GLYPHSERVE_HOST"
                )
                await failure(error, scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)
