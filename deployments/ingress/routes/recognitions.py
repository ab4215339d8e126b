"""GET /v1/recognitions: what was read, newest first."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from deployments.errors import RequestError
from deployments.ingress.answers import Recognition, RecognitionPage
from deployments.ingress.doors import may_read
from deployments.ingress.failures import documented_failures
from deployments.ingress.paging import Before, Limit, check_limit
from deployments.ingress.routes.images import RecognitionId
from deployments.ingress.services import InjectedServices
from deployments.ingress.shown import shown_recognition
from deployments.status import Status

router = APIRouter(prefix="/v1/recognitions", tags=["records"], dependencies=[Depends(may_read)])

Confidence = Query(ge=0, le=1)


class Order(StrEnum):
    """Which recognitions come first."""

    NEWEST = "newest"
    LEAST_SURE = "least_sure"


@router.get(
    "",
    response_model=RecognitionPage,
    responses=documented_failures(400, 401, 503),
    summary="What was read, newest first",
)
async def recognitions(
    services: InjectedServices,
    limit: Limit = 50,
    before: Before = None,
    min_confidence: Annotated[float | None, Confidence] = None,
    max_confidence: Annotated[float | None, Confidence] = None,
    corrected: Annotated[bool | None, Query(description="Only corrected ones, or only others.")] = None,
    order: Annotated[Order, Query(description="`least_sure` comes in one page: correct those, then ask again.")] = (
        Order.NEWEST
    ),
) -> JSONResponse:
    """One page of recognitions; pass `next` as `before` to get the following one."""
    check_limit(limit, services.settings.limits)
    page = await services.archive.page(
        limit=limit,
        before=before,
        min_confidence=min_confidence,
        max_confidence=max_confidence,
        corrected=corrected,
        least_sure_first=order is Order.LEAST_SURE,
    )
    items = [shown_recognition(row) for row in page.rows]
    return JSONResponse(RecognitionPage(items=items, next=page.next_before).model_dump(mode="json"))


@router.get(
    "/{id}",
    response_model=Recognition,
    responses=documented_failures(400, 401, 404, 503),
    summary="One recognition",
)
async def recognition(id: RecognitionId, services: InjectedServices) -> JSONResponse:  # noqa: A002 - a path's name
    """What was read from one image, when, by which model version, how surely."""
    row = await services.archive.recognition(id)
    if row is None:
        raise RequestError(Status.NOT_FOUND, "no recognition has this id")
    return JSONResponse(shown_recognition(row).model_dump(mode="json"))
