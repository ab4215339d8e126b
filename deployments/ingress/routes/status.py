"""GET /v1/status: the service now, for people who watch it."""

from importlib.metadata import version

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from deployments.ingress.doors import may_read, writing
from deployments.ingress.failures import documented_failures
from deployments.ingress.services import InjectedServices
from deployments.ingress.status_answer import ReadingTraffic, Replica, RequestBounds, ServiceStatus

router = APIRouter(prefix="/v1/status", tags=["health"], dependencies=[Depends(may_read)])


@router.get("", response_model=ServiceStatus, responses=documented_failures(401, 503), summary="The service now")
async def status(request: Request, services: InjectedServices) -> JSONResponse:
    """Traffic of the last minute, queues, and what every replica reads with. Changes nothing."""
    settings, archive = services.settings, services.archive
    may_write, needs_key = writing(request)
    generation = max((row.generation for row in await archive.versions.serving(limit=1)), default=0)
    shown = ServiceStatus(
        version=version("glyphserve"),
        may_write=may_write,
        needs_key=needs_key,
        traffic=ReadingTraffic.of(services.traffic.report()),
        haproxy_refused=await services.refusals.last_minute(),
        waiting_images=services.reading.waiting_images,
        replicas=[Replica.of(report) for report in await services.reading.reports(generation=generation)],
        corrections=await archive.corrections.count(),
        retrains_queued=await archive.jobs.queued(),
        trains=settings.training.enabled,
        limits=RequestBounds(
            label_characters=settings.limits.label_characters,
            image_bytes=settings.limits.image.max_bytes,
            images_per_request=settings.limits.images_per_request,
            page_rows=settings.limits.page_rows,
            min_examples=settings.training.min_examples,
        ),
    )
    return JSONResponse(shown.model_dump(mode="json"))
