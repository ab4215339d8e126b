"""Every status message a client can meet, and its HTTP code: the one place for both.

The wording is part of the contract: clients compare it. Change none, add at will.
"""

from enum import StrEnum
from http import HTTPStatus

from ocr_model.errors import ImageFault


class Status(StrEnum):
    """The ``message`` field of an answer; the empty string means success."""

    SUCCESS = ""
    INVALID_REQUEST = "invalid request"
    TIME_TOO_LOW = "time lower than 1"
    TIME_TOO_HIGH = "time over the limit"
    EMPTY_SESSION = "empty session"
    EMPTY_URL = "empty URL"
    URL_NOT_ALLOWED = "URL not allowed"
    LINK_UNREACHABLE = "link could not be reached"
    NOT_AN_IMAGE = "not an image"
    IMAGE_TOO_LARGE = "image too large"
    EMPTY_IMAGE = "empty image"
    EMPTY_IMAGES = "empty images"
    EMPTY_LABELS = "empty labels"
    COUNTS_DIFFER = "counts differ"
    BAD_LABEL = "bad label"
    TOO_MANY_EXAMPLES = "too many examples"
    BAD_CONSTRAINT = "bad restriction"
    NOTHING_TO_LEARN = "nothing to learn from"
    NOT_CANCELLABLE = "job cannot be cancelled"
    NOT_FOUND = "not found"
    METHOD_NOT_ALLOWED = "method not allowed"
    BODY_TOO_LARGE = "body too large"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN_PEER = "peer not allowed"
    FORBIDDEN_ORIGIN = "origin not allowed"
    TOO_BUSY = "too busy"
    TOO_MANY_REQUESTS = "too many requests"
    NOT_READY = "not ready"
    RECOGNITION_FAILED = "recognition failed"
    STORAGE_FAILED = "storage failed"
    TRAINING_NOT_STARTED = "training could not be started"
    ROLLOUT_FAILED = "model could not be rolled out"
    INTERNAL = "internal error"


# Whatever is not named here was caused by the request or its target: 400.
_OTHER_CODES = {
    Status.SUCCESS: HTTPStatus.OK,
    Status.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Status.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Status.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Status.UNAUTHORISED: HTTPStatus.UNAUTHORIZED,
    Status.FORBIDDEN_PEER: HTTPStatus.FORBIDDEN,
    Status.FORBIDDEN_ORIGIN: HTTPStatus.FORBIDDEN,
    Status.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    Status.TOO_BUSY: HTTPStatus.TOO_MANY_REQUESTS,
    Status.NOT_READY: HTTPStatus.SERVICE_UNAVAILABLE,
    Status.STORAGE_FAILED: HTTPStatus.SERVICE_UNAVAILABLE,
    Status.TRAINING_NOT_STARTED: HTTPStatus.SERVICE_UNAVAILABLE,
    Status.RECOGNITION_FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
    Status.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}


STATUS_OF_FAULT = {
    ImageFault.EMPTY: Status.EMPTY_IMAGE,
    ImageFault.NOT_IMAGE: Status.NOT_AN_IMAGE,
    ImageFault.TOO_LARGE: Status.IMAGE_TOO_LARGE,
}
"""What a client is told when the decoder refuses an image."""


def http_code(status: Status) -> int:
    """The HTTP status code that goes with a status message."""
    return int(_OTHER_CODES.get(status, HTTPStatus.BAD_REQUEST))
