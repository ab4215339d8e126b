"""What a service answers, typed. Fields that a later service adds are ignored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

FINAL_STATES = frozenset({"promoted", "rejected", "failed", "cancelled"})
"""States of a retrain job that never moves again."""


class _Result(BaseModel):
    # Our own field names begin with model_, as the service's do.
    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=())


class Reading(_Result):
    """What one image says."""

    id: str = Field(description="Of the recognition, which the service keeps.")
    text: str
    confidence: float = Field(description="Probability (0..1) that the text is right.")
    model_version: str = Field(description="Version of the model that read it.")
    image: str = Field(description="Path under which the service gives the image back.")


class Recognition(_Result):
    """One image that was read, as the service keeps it."""

    id: str
    created_at: datetime
    source: str = Field(description='"upload" or "url".')
    text: str
    confidence: float
    character_confidences: tuple[float, ...]
    model_version: str
    corrected_text: str | None
    corrected_at: datetime | None
    image: str


class Retrain(_Result):
    """A retrain job."""

    id: str
    state: str = Field(description="queued, running, evaluating, rolling out, promoted, rejected, failed, cancelled.")
    reason: str
    debug: bool
    examples: int
    request_id: str = ""
    created_at: datetime
    updated_at: datetime
    queue_position: int | None
    progress: Mapping[str, Any] | None
    candidate: str | None
    verdict: Mapping[str, Any] | None
    epochs: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether the job has ended."""
        return self.state in FINAL_STATES


class Model(_Result):
    """A version of the model; lineage and verdict only where one version was asked for."""

    version: str
    created_at: datetime
    parent: str | None
    retrain: str | None = Field(description="Path of the job that made it.")
    metrics: Mapping[str, Any]
    serving: bool
    generation: int | None
    lineage: tuple[str, ...] = ()
    verdict: Mapping[str, Any] | None = None


class Serving(_Result):
    """A position of the serving pointer."""

    generation: int
    version: str
    since: datetime
    reason: str


class Models(_Result):
    """Versions, newest first, and what serves and served, newest first."""

    items: tuple[Model, ...]
    serving: tuple[Serving, ...]
    next: str | None = Field(description="`before` of the next page; none on the last.")


class Activation(_Result):
    """A version that serves from now on."""

    generation: int
    version: str
    replicas: int
    seconds: float


class Health(_Result):
    """What one replica says of itself."""

    model_version: str | None = None
    generation: int | None = None
    fault: str | None = None
    waiting_images: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a retrain job.

    Attributes:
        number: from 1, ascending.
        kind: state, dataset, waiting, epoch, evaluating or verdict.
        data: what it tells.
    """

    number: int
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image as the service received it.

    Attributes:
        data: the file.
        media_type: such as ``image/png``.
    """

    data: bytes
    media_type: str
