"""GET /v1/retrains: the training jobs, newest first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse

from deployments.archive import Archive
from deployments.errors import RequestError
from deployments.ingress.answers import Retrain, RetrainPage
from deployments.ingress.doors import may_read
from deployments.ingress.failures import documented_failures
from deployments.ingress.paging import Before, Limit, check_limit
from deployments.ingress.services import InjectedServices
from deployments.records.rows import RetrainRow
from deployments.status import Status

router = APIRouter(prefix="/v1/retrains", tags=["learning"], dependencies=[Depends(may_read)])


@router.get("", response_model=RetrainPage, responses=documented_failures(400, 401, 503), summary="Retrain jobs")
async def retrains(services: InjectedServices, limit: Limit = 50, before: Before = None) -> JSONResponse:
    """One page of retrain jobs, newest first."""
    check_limit(limit, services.settings.limits)
    page = await services.archive.retrains(limit=limit, before=before)
    items = [await _shown(row, services.archive) for row in page.rows]
    return JSONResponse(RetrainPage(items=items, next=page.next_before).model_dump(mode="json"))


@router.get(
    "/{id}",
    response_model=Retrain,
    responses=documented_failures(400, 401, 404, 503),
    summary="One retrain job",
)
async def retrain(
    id: Annotated[str, Path(description="Id from the Location header.", max_length=64)],  # noqa: A002 - a path's name
    services: InjectedServices,
) -> JSONResponse:
    """Where a retrain job stands."""
    row = await services.archive.retrain(id)
    if row is None:
        raise RequestError(Status.NOT_FOUND, "no retrain job has this id")
    return JSONResponse((await _shown(row, services.archive)).model_dump(mode="json"))


async def _shown(row: RetrainRow, archive: Archive) -> Retrain:
    dataset = await archive.dataset(row.dataset_id)
    return Retrain(
        id=row.id,
        state=row.state,
        reason=row.reason,
        debug=row.debug,
        examples=dataset.examples if dataset else 0,
        created_at=row.created_at,
        updated_at=row.updated_at,
        progress=dict(row.progress) if row.progress else None,
        verdict=dict(row.verdict) if row.verdict else None,
    )
