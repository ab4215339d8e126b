"""What ``image_url`` may reach, and what one request's downloads may cost."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from deployments.fetcher.allowlist import parse_rule
from deployments.settings.base import SettingsModel

MAX_IMAGE_BYTES = 3 * 1024 * 1024

Port = Annotated[int, Field(ge=1, le=65_535)]


class FetchSettings(SettingsModel):
    """Downloads of ``POST /captcha_image``."""

    allowed_hosts: tuple[str, ...] = Field(
        default=(),
        max_length=1_000,
        description=(
            "Hosts that image_url may name: 'host', '*.domain' (the names below it), an address, each with "
            "':port' or not, or a CIDR range. Empty: any public host, no private one. Set: only these; an "
            "exact name may then be private or loopback, a link-local or otherwise special address must be "
            "listed as an address or range; a listed host may be reached on any port unless the entry names "
            "one."
        ),
    )
    legacy_tls_hosts: tuple[str, ...] = Field(
        default=(),
        max_length=1_000,
        description=(
            "Hosts, spelt as in allowed_hosts but without ranges, whose TLS needs legacy renegotiation "
            "(the OpenSSL error 'unsafe legacy renegotiation disabled'). For no other host is it permitted."
        ),
    )
    cookie_name: str = Field(
        default="session_id",
        pattern=r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$",
        description="Name of the cookie that carries session_id (RFC 6265 token, at most 128 characters).",
    )
    allowed_ports: tuple[Port, ...] = Field(
        default=(80, 443),
        min_length=1,
        description="Ports that image_url may name on hosts that allowed_hosts does not list.",
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of certificate authorities trusted besides the public ones; none by default.",
    )
    user_agent: str = Field(
        default="glyphserve",
        pattern=r"^[!-~](?:[ -~]{0,254}[!-~])?$",
        description="User-Agent header of every download (1 to 256 printable ASCII characters).",
    )
    connect_timeout_s: float = Field(
        default=5.0,
        ge=0.05,
        le=60,
        description="Seconds for one TCP connection, again for its TLS handshake.",
    )
    total_timeout_s: float = Field(
        default=30.0,
        ge=0.05,
        le=600,
        description="Seconds for all downloads of one request together, name look-up and waiting included.",
    )
    max_redirects: int = Field(default=3, ge=0, le=10, description="Redirects followed for one download.")
    max_concurrency_per_host: int = Field(
        default=6,
        ge=1,
        le=64,
        description="Downloads running at once from one host, over all requests of one ingress replica.",
    )
    max_bytes: int = Field(
        default=MAX_IMAGE_BYTES, ge=1, le=MAX_IMAGE_BYTES, description="Bytes of one downloaded image."
    )
    max_total_bytes: int = Field(
        default=32 * 1024 * 1024,
        ge=1,
        le=1024**3,
        description="Bytes of all images of one request together, which bounds the memory it can take.",
    )

    @field_validator("allowed_hosts", "legacy_tls_hosts")
    @classmethod
    def _entries_are_hosts(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        for entry in entries:
            parse_rule(entry)
        return entries

    @field_validator("legacy_tls_hosts")
    @classmethod
    def _no_ranges(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        ranges = [entry for entry in entries if "/" in entry]
        if ranges:
            raise ValueError(f"{ranges[0]!r}: TLS is chosen by host, a range cannot be listed here")
        return entries
