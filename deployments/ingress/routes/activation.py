"""POST /v1/models/{version}/activate: serve a version, back or forward."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from deployments.ingress.bodies import ActivateBody
from deployments.ingress.doors import may_write, writer_name
from deployments.ingress.failures import documented_failures
from deployments.ingress.learning_answers import Activation
from deployments.ingress.parsing import body_of, request_body
from deployments.ingress.routes.models import ModelVersion
from deployments.ingress.services import InjectedServices

router = APIRouter(prefix="/v1/models", tags=["models"], dependencies=[Depends(may_write)])


@router.post(
    "/{version}/activate",
    response_model=Activation,
    responses=documented_failures(400, 401, 404, 413, 500, 503),
    openapi_extra=request_body(ActivateBody, required=False),
    summary="Serve a version",
)
async def activate(
    version: ModelVersion,
    body: Annotated[ActivateBody, Depends(body_of(ActivateBody, required=False))],
    services: InjectedServices,
    request: Request,
) -> JSONResponse:
    """Let every replica read with a version from now on; answers once they do.

    Rolling back is the same as rolling forward. Nothing is switched unless every replica has the version loaded.
    """
    who = writer_name(request)
    reason = body.reason or (f"activated by {who}" if who else "activated on request")
    report = await services.models.activate(version, reason)
    return JSONResponse(Activation(**asdict(report)).model_dump(mode="json"))
