"""POST /captcha_recap_image: read one image sent as base64."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from deployments.ingress.answers import ReadAnswer
from deployments.ingress.base64_images import decode_base64_image
from deployments.ingress.bodies import RecapImageBody
from deployments.ingress.doors import may_read
from deployments.ingress.failures import documented_failures
from deployments.ingress.parsing import body_of, request_body
from deployments.ingress.pressure import has_room
from deployments.ingress.reading_request import constraint_of, read_and_answer
from deployments.ingress.services import InjectedServices
from deployments.records import Source

router = APIRouter(tags=["reading"], dependencies=[Depends(may_read), Depends(has_room)])


@router.post(
    "/captcha_recap_image",
    response_model=ReadAnswer,
    responses=documented_failures(400, 401, 413, 429, 500, 503),
    openapi_extra=request_body(RecapImageBody),
    summary="Read one image",
)
async def captcha_recap_image(
    body: Annotated[RecapImageBody, Depends(body_of(RecapImageBody))],
    services: InjectedServices,
    details: Annotated[bool, Query(description="Add confidences and model versions.")] = False,
) -> JSONResponse:
    """Read one image sent as base64. The answer is sent once image and reading are durable."""
    constraint = constraint_of(body)
    limit = services.settings.limits.image.max_bytes
    image = decode_base64_image(body.image_base64, field="image_base64", max_bytes=limit)
    return await read_and_answer(services, [image], constraint, source=Source.UPLOAD, details=details)
