"""What the records hold, as values. Ids are UUIDv7 (RFC 9562) in hex: sorted by id is sorted by time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from uuid_utils import uuid7

from deployments.retrain_state import RetrainState

_ID = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r"[!-~]{1,100}")
RowT_co = TypeVar("RowT_co", covariant=True)

STATE_EVENT = "state"
"""The kind of event that every change of a job's state leaves."""


class Source(StrEnum):
    """How images came to us."""

    UPLOAD = "upload"
    URL = "url"
    CORRECTIONS = "corrections"


@dataclass(frozen=True, slots=True)
class RecognitionRow:
    """One image and what was read from it.

    Attributes:
        id: 32 hex digits, time-ordered.
        created_at: when it was stored, UTC.
        request_id: the request that brought it.
        source: uploaded, or downloaded from a URL.
        pack_key: the blob that holds the image among others.
        pack_offset_bytes: where in that blob it begins.
        length_bytes: how long it is.
        media_type: such as ``image/png``.
        text: what was read.
        confidence: of the whole text, 0..1.
        character_confidences: of each character, 0..1.
        model_version: who read it.
        corrected_text: what a person says it is, if one did.
        corrected_at: when, UTC.
    """

    id: str
    created_at: datetime
    request_id: str
    source: Source
    pack_key: str
    pack_offset_bytes: int
    length_bytes: int
    media_type: str
    text: str
    confidence: float
    character_confidences: tuple[float, ...]
    model_version: str
    corrected_text: str | None = None
    corrected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """An immutable folder of labelled images.

    Attributes:
        id: 32 hex digits, time-ordered.
        created_at: UTC.
        examples: how many images it holds.
        key: its folder in the blob store.
        sha256: hex digest of its examples file.
        source: where the labels came from.
    """

    id: str
    created_at: datetime
    examples: int
    key: str
    sha256: str
    source: Source


@dataclass(frozen=True, slots=True)
class RetrainRow:
    """A job that makes a better model out of a dataset.

    Attributes:
        id: 32 hex digits, time-ordered.
        created_at: UTC.
        updated_at: last change, UTC.
        state: where it stands.
        dataset_id: what it learns from.
        debug: whether it only rehearses: few steps, never rolled out.
        reason: why it stands there, a sentence; empty when there is nothing to say.
        progress: how far it is, as its trainer tells.
        verdict: both models' scores and what follows, once evaluated.
        job_id: Ray's submission id of the job that trains, once submitted.
        attempts: how often training was begun.
        candidate: version of the model that it made, once made.
        request_id: the request that ordered it; empty where an older release took it in.
    """

    id: str
    created_at: datetime
    updated_at: datetime
    state: RetrainState
    dataset_id: str
    debug: bool
    reason: str = ""
    progress: Mapping[str, object] | None = None
    verdict: Mapping[str, object] | None = None
    job_id: str | None = None
    attempts: int = 0
    candidate: str | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a job.

    Attributes:
        at: when, UTC.
        kind: what sort of thing, at most 16 characters; ``STATE_EVENT`` is a change of state.
        data: the rest, as JSON holds it.
    """

    at: datetime
    kind: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EventRow(Event):
    """An event and its place among those of its job.

    Attributes:
        retrain_id: the job.
        seq: 1 for its first event, and so on without a gap.
    """

    retrain_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One version of the model.

    Attributes:
        version: its name, at most 100 characters.
        created_at: UTC.
        key: its folder in the blob store.
        metrics: its scores, as its manifest holds them.
        parent: the version it was made from; None for one that began from nothing.
        retrain_id: the job that made it; None for the shipped one.
        verdict: what its job's gate said of it; None for the shipped one.
    """

    version: str
    created_at: datetime
    key: str
    metrics: Mapping[str, object]
    parent: str | None = None
    retrain_id: str | None = None
    verdict: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class ServingRow:
    """Which version serves from a moment on, until a higher generation is there.

    Attributes:
        generation: 1 for the first, and so on without a gap.
        version: what serves.
        created_at: since when, UTC.
        reason: why, a sentence.
    """

    generation: int
    version: str
    created_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionScore:
    """How a version fared on what people have corrected or confirmed.

    Attributes:
        model_version: that read the images.
        corrected: how many of its readings people have looked at.
        exact: how many of those were right, case included.
    """

    model_version: str
    corrected: int
    exact: int


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT_co]):
    """Some rows, newest first.

    Attributes:
        rows: at most as many as asked for.
        next_before: the ``before`` of the next page; None at the end.
    """

    rows: tuple[RowT_co, ...]
    next_before: str | None


def new_id() -> str:
    """A fresh id, greater than all that this process made before."""
    return uuid7().hex


def is_id(text: str) -> bool:
    """Whether a text from outside can be an id at all; what cannot is not worth asking a database."""
    return _ID.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether a text from outside can be a model's version at all."""
    return _VERSION.fullmatch(text) is not None
