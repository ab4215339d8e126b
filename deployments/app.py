"""From checked settings to the bound graph: the only place that binds deployments."""

from typing import Any

from ray import serve
from ray.serve.config import RequestRouterConfig

from deployments.ingress.deployment import Ingress
from deployments.recognizer import Recognizer
from deployments.retrainer.deployment import Retrainer
from deployments.router import LeastBusy
from deployments.settings.resolve import resolve_settings
from deployments.settings.service import ServiceSettings
from ocr_model.weights import base_folder


def build(args: dict[str, Any]) -> serve.Application:
    """The application that cluster.yaml's ``import_path`` names.

    Replicas, autoscaling and queues are cluster.yaml's business; the defaults here only make
    an application without such entries work.

    Args:
        args: cluster.yaml's application arguments.

    Raises:
        ConfigError: a setting is unknown, malformed or out of range.
        CheckpointError: the shipped model is missing.
    """
    return graph(resolve_settings(args))


def graph(settings: ServiceSettings, recognizer: type[Recognizer] = Recognizer) -> serve.Application:
    """Bind the deployments.

    Args:
        settings: checked.
        recognizer: what reads; benchmarks put another in its place.
    """
    shipped = settings.reading.model_folder or base_folder()
    routing = RequestRouterConfig(request_router_class=LeastBusy)  # type: ignore[arg-type] # it takes classes
    reads = serve.deployment(name="Recognizer", max_ongoing_requests=64, request_router_config=routing)(
        recognizer
    ).bind(settings=settings, shipped=shipped)
    retrainer = serve.deployment(name="Retrainer", num_replicas=1)(Retrainer).bind(
        settings=settings, recognizer=reads, shipped=shipped
    )
    ingress = serve.deployment(name="Ingress", max_ongoing_requests=1000)(Ingress)
    return ingress.bind(settings, reads, retrainer)
