"""How both clients reach a service."""

from importlib.metadata import version
from ipaddress import ip_address
from typing import Any

import httpx

from glyphserve.client.errors import ServiceError

DEFAULT_URL = "http://127.0.0.1:8000"

_CONNECT_S = 10.0
_ANSWER_S = 120.0
"""A large set of images takes its time to be checked and stored."""


def options(url: str, key: str | None) -> dict[str, Any]:
    """The arguments of an httpx client.

    Raises:
        ServiceError: ``url`` is none.
    """
    try:
        host = httpx.URL(url).host
    except (httpx.InvalidURL, ValueError) as e:
        raise ServiceError(f"{url} is no URL: {e}") from e
    return {
        "base_url": url,
        "headers": {"User-Agent": f"glyphserve/{version('glyphserve')}", **({"X-API-Key": key} if key else {})},
        "timeout": httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
        # A proxy has no business between us and our own loopback.
        "trust_env": not _is_loopback(host),
    }


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
