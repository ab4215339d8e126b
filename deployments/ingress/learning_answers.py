"""What clients receive of jobs and models: the documented shape of every answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from deployments.ingress.answers import EXAMPLE_ID

_VERSION = "retrain-20261124-1f0c22ab"
_PARENT = "base-20261130-642be726"


class Retrain(BaseModel):
    """One retrain job."""

    id: str = Field(description="Id; newer ones sort after older ones.", examples=[EXAMPLE_ID])
    state: str = Field(
        description="queued, running, evaluating, rolling out, promoted, rejected, failed or cancelled.",
        examples=["running"],
    )
    reason: str = Field(description="Why the job ended as it did, in words; empty before that.", examples=[""])
    debug: bool = Field(description="A few steps only; never rolled out.")
    examples: int = Field(description="Labelled images it learns from.", examples=[832])
    request_id: str = Field(
        description="`X-Request-Id` of the request that ordered it: every line of the logs about this job bears it.",
        examples=[EXAMPLE_ID],
    )
    created_at: datetime
    updated_at: datetime
    queue_position: int | None = Field(
        description="Queued jobs that have their turn first; null once it has begun.", examples=[None]
    )
    progress: dict[str, Any] | None = Field(
        description="How far it is, in its trainer's words: phase, progress (0..1), left_s (seconds), loss and more.",
        examples=[{"phase": "epoch", "epoch": 12, "loss": 0.21, "progress": 0.4, "left_s": 90}],
    )
    candidate: str | None = Field(description="Version of the model it made, if it is to serve.", examples=[None])
    verdict: dict[str, Any] | None = Field(
        description="Once evaluated: both models' scores, counts, examples, and what follows.", examples=[None]
    )
    events: str = Field(description="Path of its events, server-sent.", examples=[f"/v1/retrains/{EXAMPLE_ID}/events"])


class RetrainDetail(Retrain):
    """One retrain job, with what its training told so far."""

    epochs: list[dict[str, Any]] = Field(
        description="Each epoch's figures, in order.",
        examples=[[{"at": "2026-11-24T11:02:03Z", "epoch": 1, "loss": 1.9, "held_out_exact": 61.2}]],
    )


class NamedExamples(BaseModel):
    """The images of the examples that a verdict names."""

    images: dict[int, str] = Field(
        description="Index of an example, as in the verdict -> its image as a data: URL.",
        examples=[{"7": "data:image/png;base64,iVBORw0KGgo="}],
    )


class RetrainPage(BaseModel):
    """Retrain jobs, newest first."""

    items: list[Retrain]
    next: str | None = Field(description="Value of `before` for the next page; null on the last.")


class Model(BaseModel):
    """One version of the model."""

    version: str = Field(examples=[_VERSION])
    created_at: datetime
    parent: str | None = Field(description="The version it was made from.", examples=[_PARENT])
    retrain: str | None = Field(
        description="Path of the job that made it; null for a shipped one.", examples=[f"/v1/retrains/{EXAMPLE_ID}"]
    )
    metrics: dict[str, Any] = Field(
        description="Its scores when it was made.", examples=[{"held_out/n": 166, "held_out/exact": 98.8}]
    )
    serving: bool = Field(description="Whether the replicas are to read with it.")
    generation: int | None = Field(description="Generation of the serving pointer that names it now.", examples=[2])


class ModelDetail(Model):
    """One version of the model, with where it comes from and what was said of it."""

    lineage: list[str] = Field(description="Its parent, the parent's parent and so on.", examples=[[_PARENT]])
    verdict: dict[str, Any] | None = Field(description="What its job's gate found; null for a shipped one.")


class Serving(BaseModel):
    """One position of the serving pointer."""

    generation: int = Field(description="Grows by one with every change.", examples=[2])
    version: str = Field(examples=[_VERSION])
    since: datetime = Field(description="When it took effect (UTC).")
    reason: str = Field(description="Why.", examples=["retrain 01a2"])


class ModelPage(BaseModel):
    """Versions of the model, newest first."""

    items: list[Model]
    next: str | None = Field(description="Value of `before` for the next page; null on the last.")
    serving: list[Serving] = Field(description="What serves, then what served before, newest first; the last 20.")


class Activation(BaseModel):
    """A version that serves from now on."""

    generation: int = Field(description="Of the serving pointer.", examples=[3])
    version: str = Field(examples=[_PARENT])
    replicas: int = Field(description="How many replicas read with it already.", examples=[2])
    seconds: float = Field(description="From the request to that moment.", examples=[0.4])
