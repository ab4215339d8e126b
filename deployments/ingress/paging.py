"""The parameters that all listings share."""

from typing import Annotated

from fastapi import Query

from deployments.errors import RequestError
from deployments.settings.limits import LimitSettings
from deployments.status import Status

Limit = Annotated[int, Query(ge=1, le=1000, description="Rows in the page.")]
Before = Annotated[str | None, Query(max_length=64, pattern="^[0-9a-f]*$", description="`next` of the page before.")]


def check_limit(limit: int, limits: LimitSettings) -> None:
    """Refuse a page larger than the operator allows.

    Raises:
        RequestError: names the limit.
    """
    if limit > limits.page_rows:
        raise RequestError(Status.INVALID_REQUEST, f"limit: {limit} rows, the limit is {limits.page_rows}")
