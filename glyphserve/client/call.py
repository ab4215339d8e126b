"""One request of the service, without a way to send it, and what its answer means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from glyphserve.client.errors import ServiceAwayError, ServiceError

T_co = TypeVar("T_co", covariant=True)
_Result = TypeVar("_Result", bound=BaseModel)

REQUEST_ID = "X-Request-Id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T_co]):
    """A request to be sent.

    Attributes:
        method: of HTTP.
        path: below the service's URL, quoted.
        parse: makes the result of an answer of success.
        body: JSON to send, if any.
        parameters: of the query; those that are None are left out.
        repeatable: whether it may be sent again when nobody knows whether it was carried out.
    """

    method: str
    path: str
    parse: Callable[[httpx.Response], T_co]
    body: Mapping[str, object] | None = None
    parameters: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    repeatable: bool = True

    @property
    def sent_parameters(self) -> dict[str, str | int | float | bool]:
        """The parameters that are given."""
        return {name: value for name, value in self.parameters.items() if value is not None}


def json_object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object that an answer holds.

    Raises:
        ServiceError: it holds none.
    """
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ServiceError(f"{_host(response)} does not answer as glyphserve does", response.status_code)
    return found


def one(kind: type[_Result]) -> Callable[[httpx.Response], _Result]:
    """A parser of an answer that is one ``kind``."""

    def parse(response: httpx.Response) -> _Result:
        try:
            return kind.model_validate(json_object(response))
        except ValidationError as e:
            raise ServiceError(f"{_host(response)} does not answer as glyphserve does", response.status_code) from e

    return parse


def failure(response: httpx.Response) -> ServiceError:
    """The error that an answer of failure tells of; its body must have been read."""
    code = response.status_code
    away = code == HTTPStatus.TOO_MANY_REQUESTS or code >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = ServiceAwayError if away else ServiceError
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict) or "message" not in found:
        return kind(f"{_host(response)} answers {code}, not as glyphserve does", code)
    message = str(found["message"])
    text = ": ".join(part for part in (message, str(found.get("error", ""))) if part)
    return kind(text, code, message, response.headers.get(REQUEST_ID, ""))


def unreachable(url: str, error: httpx.TransportError) -> ServiceAwayError:
    """The error for a request that was not answered."""
    if isinstance(error, httpx.ConnectError):
        return ServiceAwayError(f"nothing answers at {url}")
    return ServiceAwayError(f"{url} does not answer: {error or type(error).__name__}")


def _host(response: httpx.Response) -> str:
    return str(response.url.copy_with(raw_path=b"/")).rstrip("/")
