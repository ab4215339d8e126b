"""The ingress deployment: builds its parts from settings and serves the application."""

import logging
from typing import Any

from fastapi import FastAPI
from ray import serve
from ray.serve.handle import DeploymentHandle

from deployments.archive import Archive
from deployments.fetcher.fetcher import Fetcher
from deployments.ingress.handle import HandleCalls, HandleModels
from deployments.ingress.reading import ReadingClient
from deployments.ingress.services import Services
from deployments.ingress.web import create_app
from deployments.logs import configure_logging
from deployments.metrics.catalogue import CONFIDENCE, READS, REQUEST_SECONDS, WAITING_IMAGES
from deployments.metrics.meter import RayMeter
from deployments.refusals import Pages, Refusals
from deployments.replica_sockets import listen_on_loopback
from deployments.settings.service import ServiceSettings

logger = logging.getLogger(__name__)


@serve.ingress()
class Ingress:
    """One HTTP replica: parses, downloads, asks the recognizer, stores, answers.

    Args:
        settings: the service's settings.
        recognizer: handle of the deployment that reads images.
        retrainer: handle of the deployment that rolls models out.

    Raises:
        StorageError: records or blobs cannot be opened; the replica does not start.
    """

    def __init__(
        self, settings: ServiceSettings, recognizer: DeploymentHandle[Any], retrainer: DeploymentHandle[Any]
    ) -> None:
        configure_logging(settings.log_level)
        listen_on_loopback()
        meter = RayMeter(REQUEST_SECONDS, READS, CONFIDENCE, WAITING_IMAGES)
        self._services = Services(
            settings=settings,
            reading=ReadingClient(HandleCalls(recognizer), settings.reading, meter=meter),
            archive=Archive.open(settings.storage),
            fetcher=Fetcher(settings.fetch),
            models=HandleModels(retrainer),
            refusals=Refusals(Pages(settings.haproxy_pages) if settings.haproxy_pages else None),
            meter=meter,
        )
        logger.info("ingress ready", extra={"loopback_only": settings.loopback_only})

    def __serve_build_asgi_app__(self) -> FastAPI:
        """The application, built by Serve on the replica, after the constructor."""
        return create_app(self._services, answers_id=False)
