"""PUT /v1/recognitions/{id}/label: a person says what an image shows."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from deployments.errors import RequestError
from deployments.ingress.answers import Recognition
from deployments.ingress.bodies import LabelBody
from deployments.ingress.doors import may_write
from deployments.ingress.failures import documented_failures
from deployments.ingress.labelled_examples import checked_label
from deployments.ingress.parsing import body_of, request_body
from deployments.ingress.routes.images import RecognitionId
from deployments.ingress.services import InjectedServices
from deployments.ingress.shown import shown_recognition
from deployments.status import Status

router = APIRouter(prefix="/v1/recognitions", tags=["learning"], dependencies=[Depends(may_write)])


@router.put(
    "/{id}/label",
    response_model=Recognition,
    responses=documented_failures(400, 401, 404, 413, 503),
    openapi_extra=request_body(LabelBody),
    summary="Correct what was read",
)
async def correct(
    id: RecognitionId,  # noqa: A002 - a path's name
    body: Annotated[LabelBody, Depends(body_of(LabelBody))],
    services: InjectedServices,
) -> JSONResponse:
    """Keep what an image says, in place of an earlier correction; `POST /v1/retrains` learns from it.

    Confirming what was read right is worth as much: send the same text.
    """
    label = checked_label(body.label, field="label", max_characters=services.settings.limits.label_characters)
    row = await services.archive.corrections.correct(id, label)
    if row is None:
        raise RequestError(Status.NOT_FOUND, "no recognition has this id")
    return JSONResponse(shown_recognition(row).model_dump(mode="json"))
