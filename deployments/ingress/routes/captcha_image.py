"""POST /captcha_image: download an image URL several times and read all of it."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from deployments.errors import RequestError
from deployments.ingress.admission import admit, documented, wants_details
from deployments.ingress.answers import ReadAnswer
from deployments.ingress.arriving import ArrivingImages
from deployments.ingress.bodies import CaptchaImageBody
from deployments.ingress.failures import documented_failures
from deployments.ingress.reading_request import constraint_of, store_and_answer
from deployments.ingress.services import Services, services_of
from deployments.logs import request_id
from deployments.protocol import ReadJob, ReadResult
from deployments.records import Source
from deployments.settings.limits import LimitSettings
from deployments.status import Status
from ocr_model.constraint import Constraint

router = APIRouter(tags=["reading"])


@router.post(
    "/captcha_image",
    response_model=ReadAnswer,
    responses=documented_failures(400, 401, 413, 429, 500, 503),
    openapi_extra=documented(CaptchaImageBody),
    summary="Download and read several images",
)
async def captcha_image(request: Request) -> JSONResponse:
    """Download `image_url` `time` times with `session_id` as a cookie and read all images together.

    One failed download fails the request; nothing of it is stored.
    """
    body = await admit(request, CaptchaImageBody)
    details = wants_details(request)
    services = services_of(request)
    _check(body, services.settings.limits)
    constraint = constraint_of(body)
    images, result = await _fetch_and_read(body, constraint, services)
    return await store_and_answer(services, images, result, source=Source.URL, details=details)


async def _fetch_and_read(
    body: CaptchaImageBody, constraint: Constraint, services: Services
) -> tuple[tuple[bytes, ...], ReadResult]:
    job = ReadJob(request_id=request_id.get(), images=(), constraint=constraint)
    failure: Exception | None = None
    try:
        async with asyncio.TaskGroup() as group:
            arriving = ArrivingImages(services.reading, job, count=body.time, group=group)
            fetched = await services.fetcher.fetch_many(
                body.image_url,
                session_id=body.session_id,
                count=body.time,
                arrived=lambda place, image: arriving.add(place, image.data),
            )
            images = tuple(image.data for image in fetched)
            return images, await arriving.result(images)
    except ExceptionGroup as failures:
        failure = failures.exceptions[0]
    raise failure


def _check(body: CaptchaImageBody, limits: LimitSettings) -> None:
    if body.time < 1:
        raise RequestError(Status.TIME_TOO_LOW, f"time is {body.time}, it must be at least 1")
    if body.time > limits.images_per_request:
        raise RequestError(Status.TIME_TOO_HIGH, f"time is over the limit of {limits.images_per_request}")
    if not body.session_id.strip():
        raise RequestError(Status.EMPTY_SESSION, "session_id is empty")
    if len(body.session_id) > limits.session_characters:
        raise RequestError(Status.INVALID_REQUEST, f"session_id has more than {limits.session_characters} characters")
    if not body.image_url.strip():
        raise RequestError(Status.EMPTY_URL, "image_url is empty")
    if len(body.image_url) > limits.url_characters:
        raise RequestError(Status.INVALID_REQUEST, f"image_url has more than {limits.url_characters} characters")
