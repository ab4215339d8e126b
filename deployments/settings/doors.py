"""The doors of the service: keys kept in a file, how often each may knock, which web pages may call."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from deployments.settings.base import SettingsModel

_ORIGIN = re.compile(r"https?://[a-z0-9._-]+(:\d{1,5})?|https?://\[[0-9a-f:.]+\](:\d{1,5})?")


def _is_origin(origin: str) -> str:
    if not _ORIGIN.fullmatch(origin):
        raise ValueError("must be an origin as browsers send it: scheme://host or scheme://host:port, in lower case")
    return origin


def _is_absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("must be an absolute path: replicas have another working directory")
    return path


Origin = Annotated[str, AfterValidator(_is_origin)]
"""Scheme, host and port of a web page, such as ``https://ocr.example.org``."""


class DoorSettings(SettingsModel):
    """Who is let in, and how often."""

    keys_file: Annotated[Path, AfterValidator(_is_absolute)] | None = Field(
        default=None,
        description='Absolute path of a JSON file {"admin": {"NAME": "KEY"}, "read": {...}} whose keys are valid '
        "besides admin_keys and read_keys; it is read again within a second of a change, so that keys are rotated "
        "without a restart.",
    )
    requests_per_s: float = Field(
        default=0.0,
        ge=0,
        le=100_000,
        description="Requests a second that each key may send to each ingress replica, on average; requests without a "
        "valid key share one allowance. 0: no limit. Health and documentation are not counted.",
    )
    burst_requests: int = Field(
        default=50, ge=1, le=1_000_000, description="Requests that a key which was silent for a while may send at once."
    )
    allowed_origins: tuple[Origin, ...] = Field(
        default=(),
        max_length=100,
        description="Origins, as scheme://host:port, whose web pages may call this service from a browser (CORS). "
        "Empty: only pages that this service itself serves. Behind a reverse proxy, the origin that browsers see.",
    )
