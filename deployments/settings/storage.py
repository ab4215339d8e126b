"""Where the service keeps its records and blobs, and how much may wait for the disk."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from deployments.settings.base import SettingsModel

_MASK = "***"
_USER_SECRET = re.compile(r"(?<=://)([^:@/?#]*):([^@/?#]*)@")
_QUERY_SECRET = re.compile(r"(?i)([?&][^=&#]*(?:password|secret|token|key)[^=&#]*=)[^&#]*")
_RECORDS_SCHEMES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")


def masked(url: str) -> str:
    """The URL with passwords and keys replaced by asterisks, fit for logs."""
    return _QUERY_SECRET.sub(rf"\1{_MASK}", _USER_SECRET.sub(rf"\1:{_MASK}@", url))


class StorageSettings(SettingsModel):
    """Both stores default to the data folder and need no set-up; a cluster names shared ones."""

    model_config = ConfigDict(hide_input_in_errors=True)

    data_dir: Path = Field(
        default=Path("glyphserve-data"),
        description="Folder of the embedded defaults: the SQLite file and the blobs.",
    )
    records_url: str | None = Field(
        default=None,
        description="Database URL, sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME; "
        "SQLite in the data folder when not given.",
    )
    blobs_uri: str | None = Field(
        default=None,
        description="Where images, datasets and models lie: a local path, file:///PATH, "
        "s3://BUCKET/PREFIX?region=... or another pyarrow filesystem URI; "
        "the data folder when not given.",
    )
    database_timeout_s: float = Field(
        default=5.0, ge=0.1, le=60.0, description="Seconds to wait for a lock or a free connection."
    )
    group_max_images: int = Field(
        default=1024, ge=1, le=16_384, description="Images that one commit takes together, at most."
    )
    group_max_bytes: int = Field(
        default=32 * 2**20, ge=2**20, le=2**30, description="Bytes that one commit takes together, at most."
    )
    queue_max_images: int = Field(
        default=16_384, ge=1, le=1_000_000, description="Images that may wait for a commit; more: too busy."
    )
    queue_max_bytes: int = Field(
        default=128 * 2**20,
        ge=2**20,
        le=2**34,
        description="Bytes that may wait for a commit; more: too busy.",
    )
    orphan_age_s: float = Field(
        default=3600.0,
        ge=60.0,
        le=30 * 86_400.0,
        description="Seconds after which a blob that no row names counts as left over and is deleted.",
    )
    sweep_every_s: float = Field(
        default=3600.0, ge=1.0, le=30 * 86_400.0, description="Seconds between two searches for left-overs."
    )

    @field_validator("records_url")
    @classmethod
    def _known_database(cls, url: str | None) -> str | None:
        if url is not None and url.partition("://")[0] not in _RECORDS_SCHEMES:
            raise ValueError("must begin with sqlite:// or postgresql://")
        return url

    @model_validator(mode="after")
    def _queue_holds_a_group(self) -> Self:
        if self.queue_max_images < self.group_max_images or self.queue_max_bytes < self.group_max_bytes:
            raise ValueError("queue_max_images and queue_max_bytes must be at least those of a group")
        return self

    @property
    def resolved_records_url(self) -> str:
        """The database URL in force."""
        return self.records_url or f"sqlite:///{self.data_dir.absolute() / 'records.db'}"

    @property
    def resolved_blobs_uri(self) -> str:
        """The blob store's URI or path in force."""
        return self.blobs_uri or str(self.data_dir.absolute() / "blobs")

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Fields as printed: what a URL keeps secret is masked."""
        for name, value in super().__repr_args__():
            yield name, masked(value) if isinstance(value, str) else value
