"""From body bytes to a checked body, with errors that name the field."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from deployments.errors import RequestError
from deployments.status import Status

AnyBody = TypeVar("AnyBody", bound=BaseModel)


def body_of(model: type[AnyBody], *, required: bool = True) -> Callable[[Request], Awaitable[AnyBody]]:
    """A dependency that parses the request's body as ``model``, whatever its Content-Type.

    FastAPI's own body parameters would answer 422 and parse in two passes; existing clients
    rely on 400 and do not all send a Content-Type. Without ``required``, no body at all means ``{}``.
    """

    async def parse(request: Request) -> AnyBody:
        return await parse_body(request, model, required=required)

    return parse


async def parse_body(request: Request, model: type[AnyBody], *, required: bool = True) -> AnyBody:
    """The request's body as ``model``; see ``body_of``."""
    body = await request.body()
    try:
        return model.model_validate_json(body if body or required else b"{}")
    except ValidationError as e:
        raise RequestError(Status.INVALID_REQUEST, describe(e)) from e


def request_body(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """The OpenAPI part that documents a body parsed by ``body_of``."""
    schema = model.model_json_schema()
    examples = {key: field["examples"][0] for key, field in schema["properties"].items() if field.get("examples")}
    example = {key: examples[key] for key in schema.get("required", examples)}
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": required, "content": content}}


def describe(error: ValidationError) -> str:
    """One sentence on the first fault of a body."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return "the body is not valid JSON"
    # A union's branches are named in the location; the client knows only fields and indexes.
    names = [str(part) for part in first["loc"] if isinstance(part, int) or "strict" not in part]
    if not names:
        return "the body must be a JSON object"
    return f"{'.'.join(names)}: {first['msg'][:1].lower()}{first['msg'][1:]}"
