"""What the routes work with; built once for each ingress replica, injected everywhere."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from deployments.archive import Archive
from deployments.fetcher.fetcher import Fetcher
from deployments.ingress.models import ModelControl
from deployments.ingress.reading import ReadingClient
from deployments.ingress.traffic import Traffic
from deployments.metrics.meter import SILENT, Meter
from deployments.refusals import Refusals
from deployments.settings.service import ServiceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Settings and the parts behind the routes."""

    settings: ServiceSettings
    reading: ReadingClient
    archive: Archive
    fetcher: Fetcher
    models: ModelControl
    traffic: Traffic = field(default_factory=Traffic)
    refusals: Refusals = field(default_factory=lambda: Refusals(None))
    meter: Meter = SILENT


def services_of(request: Request) -> Services:
    """The services of the application that a request came to."""
    services = request.app.state.services
    if not isinstance(services, Services):
        raise TypeError("the application was built without its services")
    return services


async def _services(request: Request) -> Services:
    # A coroutine, though it awaits nothing: FastAPI runs plain functions in a thread, a quarter of this loop's time.
    return services_of(request)


InjectedServices = Annotated[Services, Depends(_services)]
"""Parameter type by which a route receives the services."""
