"""Keys at the doors: who may read, who may write."""

import hmac
import logging
from collections.abc import Mapping

from fastapi import Request
from pydantic import SecretStr

from deployments.errors import RequestError
from deployments.ingress.services import InjectedServices
from deployments.status import Status

logger = logging.getLogger(__name__)


async def may_read(request: Request, services: InjectedServices) -> None:
    """Let a request pass that reads.

    Raises:
        RequestError: read keys are set and the request carries neither one nor an admin key.
    """
    settings = services.settings
    if settings.read_keys and not key_name(request, {**settings.read_keys, **settings.admin_keys}):
        raise RequestError(Status.UNAUTHORISED, "a read key is needed: Authorization: Bearer KEY or X-API-Key")


async def may_write(request: Request, services: InjectedServices) -> None:
    """Let a request pass that changes what the service knows or does.

    Raises:
        RequestError: the key is missing or wrong, or none is set though others can reach us.
    """
    settings = services.settings
    if settings.admin_keys:
        if not (name := key_name(request, settings.admin_keys)):
            raise RequestError(Status.UNAUTHORISED, "an admin key is needed: Authorization: Bearer KEY or X-API-Key")
        logger.info("write", extra={"key": name, "path": request.url.path})
    elif not settings.loopback_only:
        raise RequestError(
            Status.UNAUTHORISED,
            "no admin key is set, so nothing may be changed from the network; "
            'start the service with GLYPHSERVE_ADMIN_KEYS={"NAME": "KEY"}',
        )


def key_name(request: Request, keys: Mapping[str, SecretStr]) -> str | None:
    """The name of the key that a request carries; None without one or with an unknown one."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    given = bearer.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    found = None
    # Every key is compared, in constant time, so that timing tells nothing of any of them.
    for name, key in keys.items():
        if hmac.compare_digest(given.encode(), key.get_secret_value().encode()):
            found = name
    return found
