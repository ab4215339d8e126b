"""What a retrain is asked to do: ``request.json``, written by whoever starts the job."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from train.errors import TrainingError

REQUEST_FILE = "request.json"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Parent(_Model):
    """The model that serves now, from which training starts."""

    version: str = Field(min_length=1, max_length=100, description="Its version.")
    folder: str | None = Field(description="Path or URI of its model folder; null for the model that is shipped.")


class Remembered(_Model):
    """Examples of an earlier retrain, which the model that serves now has learnt."""

    dataset: str = Field(min_length=1, description="Path or URI of the dataset folder.")
    dataset_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of its examples, in hex.")


class RetrainRequest(_Model):
    """One retrain."""

    format: Literal[1] = Field(description="Version of this file's layout.")
    retrain_id: str = Field(pattern=r"^[0-9a-f]{32}$", description="Name of the retrain, 32 hex digits.")
    request_id: str = Field(default="", max_length=128, description="The client's request that ordered it, for logs.")
    dataset: str = Field(min_length=1, description="Path or URI of the dataset folder.")
    dataset_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of its examples, in hex.")
    parent: Parent = Field(description="The model that serves now.")
    remembered: list[Remembered] = Field(
        default=[], max_length=100, description="What the serving model has learnt so far, the latest first."
    )
    debug: bool = Field(default=False, description="Take a few steps only; the outcome is never rolled out.")
    workers: int = Field(default=1, ge=1, le=64, description="Data-parallel Ray workers.")
    cpus_per_worker: float = Field(default=0.5, gt=0, le=256, description="CPUs that a worker reserves.")
    gpus_per_worker: float = Field(default=0, ge=0, le=16, description="GPUs that a worker reserves.")
    train_s: float = Field(default=300, gt=0, le=86_400, description="Seconds of training, start-up not counted.")
    deadline_s: float = Field(default=1800, gt=0, le=604_800, description="Seconds after which the job gives up.")
    min_examples: int = Field(default=20, ge=2, le=100_000, description="Fewest usable examples to learn from.")
    golden_images: int = Field(default=1500, ge=16, le=20_000, description="Images of the golden set.")
    golden_margin_points: float = Field(
        default=1.0,
        ge=0,
        le=100,
        description="Percentage points that the golden set may lose of its texts' mean probability.",
    )
    significance: float = Field(
        default=0.05, gt=0, lt=1, description="Largest p-value at which the held-out part counts as read better."
    )


def parse_request(data: bytes) -> RetrainRequest:
    """Validate the content of ``request.json``.

    Raises:
        TrainingError: it is malformed; the message names the first wrong field.
    """
    try:
        return RetrainRequest.model_validate_json(data)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its syntax"
        raise TrainingError(f"The retrain's {REQUEST_FILE} is not valid ({where}: {first['msg']}).") from e
