"""What a request to read has to pass, and what it may ask for besides its body.

Plain functions that a route calls, not dependencies of it: FastAPI would take more time to put these together than they
take themselves, and all of it from the one core that an ingress replica has.
"""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, TypeAdapter, ValidationError

from deployments.errors import RequestError
from deployments.ingress.doors import may_read
from deployments.ingress.parsing import parse_body, request_body
from deployments.ingress.services import services_of
from deployments.status import Status

AnyBody = TypeVar("AnyBody", bound=BaseModel)

_DETAILS = "details"
_BOOL = TypeAdapter(bool)


async def admit(request: Request, model: type[AnyBody]) -> AnyBody:
    """The body of a request that may read and whose image may wait.

    The queue would refuse what may not wait too, but only once its body was parsed and its image decoded from
    base64; three times the load that can be served would then leave no time to serve it.

    Raises:
        RequestError: it may not, must not, or makes no sense.
    """
    await may_read(request)
    services_of(request).reading.check_room()
    return await parse_body(request, model)


def wants_details(request: Request) -> bool:
    """Whether the query asks for confidences and model versions.

    Raises:
        RequestError: it says neither yes nor no.
    """
    if not request.scope["query_string"] or _DETAILS not in request.query_params:
        return False
    try:
        return _BOOL.validate_python(request.query_params[_DETAILS])
    except ValidationError as e:
        raise RequestError(Status.INVALID_REQUEST, f"{_DETAILS}: {e.errors()[0]['msg']}") from e


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI part that documents what ``admit`` and ``wants_details`` take."""
    details = {
        "name": _DETAILS,
        "in": "query",
        "required": False,
        "description": "Add confidences and model versions.",
        "schema": {"type": "boolean", "default": False},
    }
    return {**request_body(model), "parameters": [details]}
