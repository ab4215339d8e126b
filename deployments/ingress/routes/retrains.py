"""GET /v1/retrains: the retrain jobs, newest first, and where each stands."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse

from deployments.errors import RequestError
from deployments.ingress.doors import may_read
from deployments.ingress.failures import documented_failures
from deployments.ingress.learning_answers import RetrainDetail, RetrainPage
from deployments.ingress.paging import Before, Limit, check_limit
from deployments.ingress.services import InjectedServices, Services
from deployments.ingress.shown import shown_event, shown_retrain
from deployments.records import RetrainState
from deployments.status import Status

router = APIRouter(prefix="/v1/retrains", tags=["learning"], dependencies=[Depends(may_read)])

RetrainId = Annotated[str, Path(description="Id from the Location header.", max_length=64)]
_MAX_EPOCHS = 10_000


@router.get("", response_model=RetrainPage, responses=documented_failures(400, 401, 503), summary="Retrain jobs")
async def retrains(
    services: InjectedServices,
    limit: Limit = 50,
    before: Before = None,
    state: Annotated[RetrainState | None, Query(description="Only jobs that stand there.")] = None,
) -> JSONResponse:
    """One page of retrain jobs, newest first; pass `next` as `before` to get the following one."""
    check_limit(limit, services.settings.limits)
    page = await services.archive.jobs.page(limit=limit, before=before, state=state)
    items = [shown_retrain(job) for job in page.rows]
    return JSONResponse(RetrainPage(items=items, next=page.next_before).model_dump(mode="json"))


@router.get(
    "/{id}",
    response_model=RetrainDetail,
    responses=documented_failures(400, 401, 404, 503),
    summary="One retrain job",
)
async def retrain(id: RetrainId, services: InjectedServices) -> JSONResponse:  # noqa: A002 - a path's name
    """Where a retrain job stands, and every epoch's figures so far."""
    return JSONResponse(await retrain_resource(services, id))


async def retrain_resource(services: Services, retrain_id: str) -> dict[str, Any]:
    """The resource of a job, as JSON.

    Raises:
        RequestError: there is no such job.
    """
    job = await services.archive.jobs.get(retrain_id)
    if job is None:
        raise RequestError(Status.NOT_FOUND, "no retrain job has this id")
    epochs = await services.archive.jobs.events(retrain_id, limit=_MAX_EPOCHS, kind="epoch")
    shown = RetrainDetail(**shown_retrain(job).model_dump(), epochs=[shown_event(event) for event in epochs])
    return shown.model_dump(mode="json")
