"""GET /v1/models: every version of the model, where it comes from, and which one serves."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse

from deployments.errors import RequestError
from deployments.ingress.doors import may_read
from deployments.ingress.failures import documented_failures
from deployments.ingress.learning_answers import ModelDetail, ModelPage
from deployments.ingress.paging import Limit, check_limit
from deployments.ingress.services import InjectedServices
from deployments.ingress.shown import shown_model, shown_serving
from deployments.status import Status

router = APIRouter(prefix="/v1/models", tags=["models"], dependencies=[Depends(may_read)])

ModelVersion = Annotated[str, Path(description="Name of a version.", max_length=100)]
_Before = Annotated[str | None, Query(max_length=100, pattern="^[!-~]*$", description="`next` of the page before.")]
_HISTORY = 20


@router.get("", response_model=ModelPage, responses=documented_failures(400, 401, 503), summary="Model versions")
async def models(services: InjectedServices, limit: Limit = 50, before: _Before = None) -> JSONResponse:
    """One page of versions, newest first; pass `next` as `before` to get the following one."""
    check_limit(limit, services.settings.limits)
    versions = services.archive.versions
    page = await versions.page(limit=limit, before=before)
    shown = ModelPage(
        items=[shown_model(version) for version in page.rows],
        next=page.next_before,
        serving=[shown_serving(row) for row in await versions.serving(limit=_HISTORY)],
    )
    return JSONResponse(shown.model_dump(mode="json"))


@router.get(
    "/{version}",
    response_model=ModelDetail,
    responses=documented_failures(400, 401, 404, 503),
    summary="One model version",
)
async def model(version: ModelVersion, services: InjectedServices) -> JSONResponse:
    """A version with its lineage and the verdict of the job that made it."""
    found = await services.archive.versions.get(version)
    if found is None:
        raise RequestError(Status.NOT_FOUND, "no model has this version")
    verdict = found.row.verdict
    shown = ModelDetail(
        **shown_model(found).model_dump(),
        lineage=list(found.ancestors),
        verdict=dict(verdict) if verdict else None,
    )
    return JSONResponse(shown.model_dump(mode="json"))
