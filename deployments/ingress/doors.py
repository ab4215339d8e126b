"""Keys at the doors: who may read, who may write, and how often."""

import logging

from fastapi import Request

from deployments.errors import RequestError
from deployments.ingress.keyring import Keyring
from deployments.ingress.rate_limit import RateLimit
from deployments.settings.service import ServiceSettings
from deployments.status import Status

logger = logging.getLogger(__name__)

_NOBODY = ""
"""The name under which requests without a valid key are counted."""


class Doors:
    """Lets a request in by its key.

    Args:
        settings: keys, limits and where the service listens.

    Raises:
        ConfigError: the keys file cannot be used.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self._loopback_only = settings.loopback_only
        self._keys = Keyring(settings)
        self._rate = RateLimit(per_s=settings.doors.requests_per_s, burst=settings.doors.burst_requests)

    def let_read(self, given: str) -> str | None:
        """The name of the key ``given``, which may read; None where none is needed.

        Raises:
            RequestError: it is needed and missing or wrong, or comes too often.
        """
        admin = self._keys.admin_key_name(given)
        name = admin if admin is not None else self._keys.read_key_name(given)
        self._rate.take(_NOBODY if name is None else name)
        if name is None and self._keys.has_read_keys:
            raise RequestError(Status.UNAUTHORISED, "a read key is needed: Authorization: Bearer KEY or X-API-Key")
        return name

    def let_write(self, given: str) -> str | None:
        """The name of the admin key ``given``; None where none is needed.

        Raises:
            RequestError: it is missing or wrong or comes too often, or none is set though others can reach us.
        """
        name = self._keys.admin_key_name(given)
        self._rate.take(_NOBODY if name is None else name)
        if name is not None:
            return name
        if self._keys.has_admin_keys:
            raise RequestError(Status.UNAUTHORISED, "an admin key is needed: Authorization: Bearer KEY or X-API-Key")
        if not self._loopback_only:
            raise RequestError(
                Status.UNAUTHORISED,
                "no admin key is set, so nothing may be changed from the network; "
                'start the service with GLYPHSERVE_ADMIN_KEYS={"NAME": "KEY"}',
            )
        return None

    @property
    def writing_needs_key(self) -> bool:
        """Whether nobody may write without an admin key."""
        return self._keys.has_admin_keys or not self._loopback_only

    def knows_writer(self, given: str) -> bool:
        """Whether the key ``given``, or none where none is needed, may write; costs no allowance."""
        return not self.writing_needs_key or self._keys.admin_key_name(given) is not None


async def may_read(request: Request) -> None:
    """Let a request pass that reads.

    Raises:
        RequestError: see ``Doors.let_read``.
    """
    _doors(request).let_read(_given_key(request))


async def may_write(request: Request) -> None:
    """Let a request pass that changes what the service knows or does.

    Raises:
        RequestError: see ``Doors.let_write``.
    """
    name = _doors(request).let_write(_given_key(request))
    request.state.writer = name
    if name is not None:
        logger.info("write", extra={"key": name, "path": request.url.path})


def writer_name(request: Request) -> str | None:
    """The name of the admin key by which ``may_write`` let the request pass, if it needed one."""
    name: str | None = request.state.writer
    return name


def writing(request: Request) -> tuple[bool, bool]:
    """Whether a request's key may write, and whether one is needed to."""
    doors = _doors(request)
    return doors.knows_writer(_given_key(request)), doors.writing_needs_key


def _doors(request: Request) -> Doors:
    doors = request.app.state.doors
    if not isinstance(doors, Doors):
        raise TypeError("the application was built without its doors")
    return doors


def _given_key(request: Request) -> str:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
