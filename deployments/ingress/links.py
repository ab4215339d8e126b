"""OpenAPI's links: which operations take an id that another one answered."""

from typing import Any, NamedTuple

_READING = (("get", "/v1/recognitions/{id}"), ("get", "/images/{id}"), ("put", "/v1/recognitions/{id}/label"))
_JOB = (
    ("get", "/v1/retrains/{id}"),
    ("get", "/v1/retrains/{id}/events"),
    ("get", "/v1/retrains/{id}/examples"),
    ("delete", "/v1/retrains/{id}"),
)
_MODEL = (("get", "/v1/models/{version}"), ("post", "/v1/models/{version}/activate"))


class _Lead(NamedTuple):
    """Where a value stands in the answer of an operation, and the operations that take it.

    Attributes:
        method: of the operation that answers it.
        path: of the same.
        value: OpenAPI's expression for it, or a constant.
        parameter: of those that take it.
        to: method and path of each.
    """

    method: str
    path: str
    value: str | int
    parameter: str
    to: tuple[tuple[str, str], ...]


_LEADS = (
    _Lead("post", "/captcha_recap_image", "$response.body#/content/list_id/0", "id", _READING),
    _Lead("post", "/captcha_image", "$response.body#/content/list_id/0", "id", _READING),
    _Lead("get", "/v1/recognitions", "$response.body#/items/0/id", "id", _READING),
    _Lead("post", "/v1/retrains", "$response.body#/id", "id", _JOB),
    _Lead("get", "/v1/retrains", "$response.body#/items/0/id", "id", _JOB),
    # Its body is the contract's and holds no id, and no expression cuts one out of Location: its job is the newest.
    _Lead("post", "/captcha_retrain_model", 1, "limit", (("get", "/v1/retrains"),)),
    _Lead("get", "/v1/models", "$response.body#/items/0/version", "version", _MODEL),
)


def add_links(schema: dict[str, Any]) -> None:
    """Write the links of every operation into its answer 200.

    Args:
        schema: an OpenAPI document, which is changed.
    """
    paths = schema["paths"]
    for lead in _LEADS:
        links = paths[lead.path][lead.method]["responses"]["200"].setdefault("links", {})
        for method, path in lead.to:
            target = paths[path][method]
            links[target["operationId"]] = {
                "operationId": target["operationId"],
                "parameters": {lead.parameter: lead.value},
            }
