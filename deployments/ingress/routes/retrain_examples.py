"""GET /v1/retrains/{id}/examples: the images that a verdict speaks of."""

import base64
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from deployments.errors import RequestError
from deployments.ingress.doors import may_read
from deployments.ingress.failures import documented_failures
from deployments.ingress.learning_answers import NamedExamples
from deployments.ingress.media_type import media_type_of
from deployments.ingress.routes.retrains import RetrainId
from deployments.ingress.services import InjectedServices
from deployments.status import Status

router = APIRouter(prefix="/v1/retrains", tags=["learning"], dependencies=[Depends(may_read)])


@router.get(
    "/{id}/examples",
    response_model=NamedExamples,
    responses=documented_failures(400, 401, 404, 503),
    summary="The images a verdict names",
)
async def retrain_examples(id: RetrainId, services: InjectedServices) -> JSONResponse:  # noqa: A002 - a path's name
    """The images of the examples and suspect labels that a job's verdict names; none before it has one."""
    jobs = services.archive.jobs
    job = await jobs.get(id)
    if job is None:
        raise RequestError(Status.NOT_FOUND, "no retrain job has this id")
    named = _named(job.row.verdict or {})
    images = await jobs.images(job, named) if named else {}
    shown = NamedExamples(images={index: _data_url(image) for index, image in images.items()})
    return JSONResponse(shown.model_dump(mode="json"))


def _named(verdict: Mapping[str, Any]) -> set[int]:
    return {row["index"] for part in ("examples", "suspects") for row in verdict.get(part, ())}


def _data_url(image: bytes) -> str:
    return f"data:{media_type_of(image)};base64,{base64.b64encode(image).decode()}"
