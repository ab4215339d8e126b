"""POST /captcha_recap_image: read one image sent as base64."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from deployments.ingress.admission import admit, documented, wants_details
from deployments.ingress.answers import ReadAnswer
from deployments.ingress.base64_images import decode_base64_image
from deployments.ingress.bodies import RecapImageBody
from deployments.ingress.failures import documented_failures
from deployments.ingress.reading_request import constraint_of, read_and_answer
from deployments.ingress.services import services_of
from deployments.records import Source

router = APIRouter(tags=["reading"])


@router.post(
    "/captcha_recap_image",
    response_model=ReadAnswer,
    responses=documented_failures(400, 401, 413, 429, 500, 503),
    openapi_extra=documented(RecapImageBody),
    summary="Read one image",
)
async def captcha_recap_image(request: Request) -> JSONResponse:
    """Read one image sent as base64. The answer is sent once image and reading are durable."""
    body = await admit(request, RecapImageBody)
    details = wants_details(request)
    services = services_of(request)
    constraint = constraint_of(body)
    limit = services.settings.limits.image.max_bytes
    image = decode_base64_image(body.image_base64, field="image_base64", max_bytes=limit)
    return await read_and_answer(services, [image], constraint, source=Source.UPLOAD, details=details)
