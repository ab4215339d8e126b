"""Every failure leaves in one shape: the contract's body, its code, nothing internal."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from deployments.errors import RequestError
from deployments.ingress.answers import Answer, ReadAnswer
from deployments.metrics.catalogue import READS
from deployments.metrics.meter import Meter
from deployments.status import Status, http_code

logger = logging.getLogger(__name__)

RETRAIN_PATH = "/captcha_retrain_model"
RETRAINS_PATH = "/v1/retrains"
READING_PATHS = frozenset({"/captcha_recap_image", "/captcha_image"})
_HTTP_STATUSES = {404: Status.NOT_FOUND, 405: Status.METHOD_NOT_ALLOWED}


def failure_body(status: Status, detail: str, path: str) -> dict[str, Any]:
    """The contract's body for a failure on ``path``."""
    body: dict[str, Any] = {"message": str(status), "error": detail}
    if path != RETRAIN_PATH:
        body["content"] = {"list_id": [], "list_label": [], "list_path": []}
    return body


def failure(error: RequestError, path: str) -> JSONResponse:
    """The answer that tells a client of ``error``."""
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    if error.status is Status.UNAUTHORISED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(failure_body(error.status, error.detail, path), http_code(error.status), headers=headers)


def install(app: FastAPI, meter: Meter) -> None:
    """Register the handlers of every exception a route may raise on purpose; what could not be read is counted."""

    @app.exception_handler(RequestError)
    async def on_request_error(request: Request, error: RequestError) -> JSONResponse:
        if http_code(error.status) >= 500:
            logger.warning("request failed", extra={"status": error.status}, exc_info=error)
        if request.url.path in READING_PATHS:
            meter.count(READS, outcome=error.status)
        return failure(error, request.url.path)

    @app.exception_handler(RequestValidationError)
    async def on_parameter(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        name = str(first["loc"][-1])
        return failure(RequestError(Status.INVALID_REQUEST, f"{name}: {first['msg']}"), request.url.path)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        status = _HTTP_STATUSES.get(error.status_code, Status.INVALID_REQUEST)
        answer = failure(RequestError(status, str(error.detail)), request.url.path)
        answer.headers.update(error.headers or {})
        return answer


FAILURE_CODES = {
    400: "The request or its target caused the failure: `message` says which of the status messages.",
    401: "A key is required and missing or wrong.",
    403: "The peer, or the web page that sent this, is not allowed.",
    413: "The body is over the limit.",
    429: "Too many images wait, or this key sends too often; try again after `Retry-After` seconds.",
    500: "A defect of ours.",
    503: "No replica can answer, or the storage failed; try again after `Retry-After` seconds.",
}


def documented_failures(*codes: int, model: type[Answer] = ReadAnswer) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI part that documents the failures of a route; where a key may be needed, those of every door."""
    doors = (403, 429) if 401 in codes else ()
    every = sorted({*codes, *doors})
    return {code: {"model": model, "description": FAILURE_CODES.get(code, "Not found.")} for code in every}
