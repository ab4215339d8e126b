"""The FastAPI application: routes, middleware and documentation put together."""

import functools
import operator
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from deployments.ingress import failures
from deployments.ingress.body_limit import BodyLimit
from deployments.ingress.cross_site import CrossSiteGuard
from deployments.ingress.doors import Doors
from deployments.ingress.headers import SecurityHeaders
from deployments.ingress.links import add_links
from deployments.ingress.middleware import PeerGuard, RequestContext
from deployments.ingress.routes import (
    activation,
    captcha_image,
    console,
    corrections,
    health,
    images,
    models,
    recap,
    recognitions,
    retrain,
    retrain_events,
    retrain_examples,
    retrain_orders,
    retrains,
    status,
)
from deployments.ingress.services import Services
from deployments.status import Status, http_code

_ROUTES = (
    recap,
    captcha_image,
    recognitions,
    images,
    corrections,
    retrain,
    retrain_orders,
    retrains,
    retrain_events,
    retrain_examples,
    models,
    activation,
    status,
    health,
    console,
)

_DESCRIPTION = """Reads short distorted text images and learns from the labels people give it.

Every answer carries `X-Request-Id`; where a model read the image, `X-Model-Version`.
Every failure has the body `{message, error, content}` with one of these messages:

"""


def create_app(services: Services, *, answers_id: bool = True) -> FastAPI:
    """The ingress's application around ready-made services, which it closes at its end.

    Args:
        services: what the routes work with.
        answers_id: whether answers get X-Request-Id here; Serve adds its own, the same.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        yield
        await services.fetcher.aclose()
        await services.archive.close()

    # The documentation's scripts come from here too: no third party is asked.
    app = FastAPIOffline(
        title="glyphserve",
        version=version("glyphserve"),
        description=_DESCRIPTION + _status_table(),
        lifespan=lifespan,
        redoc_url=None,
    )
    app.state.services = services
    app.state.doors = Doors(services.settings)
    app.openapi = functools.partial(_openapi, app)  # type: ignore[method-assign]
    failures.install(app, services.meter)
    for module in _ROUTES:
        app.include_router(module.router)
    app.router.routes.append(console.console_files())
    _guard(app, services, answers_id=answers_id)
    return app


def _guard(app: FastAPI, services: Services, *, answers_id: bool) -> None:
    """Put the middleware around the routes. Added last runs first: see middleware.py for the order."""
    settings = services.settings
    origins = settings.doors.allowed_origins
    app.add_middleware(BodyLimit, limits=settings.limits)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "X-API-Key", "X-Request-Id"],
            expose_headers=["Location", "Retry-After", "X-Model-Version", "X-Request-Id"],
        )
    app.add_middleware(CrossSiteGuard, allowed_origins=origins, loopback_only=settings.loopback_only)
    app.add_middleware(PeerGuard, loopback_only=settings.loopback_only)
    app.add_middleware(RequestContext, answers_id=answers_id, meter=services.meter, traffic=services.traffic)
    app.add_middleware(SecurityHeaders, shared=bool(origins))


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's schema with links, and without the 422 that it documents everywhere and we never answer."""
    if app.openapi_schema is None:
        schema = FastAPI.openapi(app)
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(name, None)
        add_links(schema)
    return app.openapi_schema or {}


def _status_table() -> str:
    rows = sorted(((http_code(status), str(status)) for status in Status if status), key=operator.itemgetter(0))
    lines = [f"| {code} | {message} |" for code, message in rows]
    return "\n".join(["| code | message |", "|---|---|", *lines])
