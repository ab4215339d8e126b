"""Settings of a pretraining run: the recipe, in one place.

The defaults train a network of the shipped one's sizes anew on a machine's processor, for as many steps as it took
there; it was grown half-way, and went on on a GPU and on two cores (see its model card, docs/pretrain-on-a-gpu.json and
docs/pretrain-further.json).
"""

from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ocr_model.network_config import NetworkConfig


class OptimiserSettings(BaseModel):
    """AdamW (Loshchilov & Hutter, 2017) with warm-up, a plateau, and a cosine fall to near zero."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    learning_rate: float = Field(default=1e-3, gt=0, le=1, description="Peak learning rate.")
    final_share: float = Field(default=0.01, ge=0, le=1, description="Last learning rate, as a share of the peak.")
    warm_up_steps: int = Field(default=300, ge=0, description="Steps over which the rate rises from zero.")
    decay_from: float = Field(
        default=0.4, ge=0, lt=1, description="Progress (0..1) of the run at which the rate begins to fall."
    )
    weight_decay: float = Field(default=0.02, ge=0, le=1, description="Decoupled decay of the weight matrices.")
    clip_norm: float = Field(default=2.0, gt=0, description="Largest norm of the whole gradient.")
    head_scale: float = Field(
        default=1.0, gt=0, le=1000, description="Learning rate of the output layer, in those of the others."
    )
    average_decay: float = Field(
        default=0.999, ge=0, lt=1, description="Decay a step of the exponential average of the weights."
    )


class DataSettings(BaseModel):
    """How images are drawn, kept on disk and used again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shard_images: int = Field(default=1024, ge=2, le=65_536, description="Images of one shard file.")
    drawers: int = Field(default=1, ge=0, le=64, description="Processes that draw; 0: shards must be there.")
    uses: int = Field(default=4, ge=1, le=100, description="Times that each drawn image is trained on.")
    use_gap: int = Field(default=2, ge=1, le=1000, description="Rounds between two uses of one shard.")
    easy_shards: int = Field(default=10, ge=0, description="First shards, drawn with short texts in clean styles.")
    known_kept: float = Field(
        default=1.0, ge=0, le=1, description="Share kept of the images that the model of `start_from` reads already."
    )
    resident_images: int = Field(
        default=0,
        ge=0,
        le=16_777_216,
        description="Images that each worker keeps in its device's memory (23 KB each) and chooses from; 0: none, they "
        "are read from disk. `uses` is then a mean, at most while there is room and at least from then on, and the "
        "network in training tells what is known.",
    )
    ahead: int = Field(default=10, ge=1, le=1000, description="Shards drawn beyond the one in use, at most.")
    augment: bool = Field(default=True, description="Vary colours, position and noise at each use.")
    validation_images: int = Field(default=1000, ge=1, description="Images of the held-out drawn set.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if 0 < self.resident_images < self.shard_images:
            raise ValueError(
                f"resident_images ({self.resident_images}) is less than shard_images ({self.shard_images}), which are "
                "taken in together"
            )
        return self

    @property
    def kept_rounds(self) -> int:
        """Rounds after its first for which a shard's file is still needed."""
        return 0 if self.resident_images else (self.uses - 1) * self.use_gap


class LoopSettings(BaseModel):
    """What the training loop needs to know of any run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(default=20_261_124, ge=0, description="Seed of weights, images and their order.")
    steps: int = Field(default=97_484, ge=1, description="Optimiser steps of the whole run.")
    finish_at: datetime | None = Field(
        default=None,
        description="Time (with zone) at which the run ends instead of after `steps`; the rate follows the clock.",
    )
    most_steps: int | None = Field(
        default=None, ge=1, description="Steps after which a run that has a `finish_at` ends even before it."
    )
    batch: int = Field(default=32, ge=1, le=4096, description="Images a step and worker.")
    bfloat16: bool | None = Field(
        default=None, description="Compute in bfloat16 where that is safe; none: if it is faster on this machine."
    )
    checkpoint_every: int = Field(default=400, ge=1, description="Steps between two checkpoints.")
    validate_every: int = Field(default=800, ge=1, description="Steps between two scorings of the held-out set.")
    report_every: int = Field(default=50, ge=1, description="Steps between two reports of the loss.")
    loss_bound: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="Most loss, in nats, that one text can cause however unlikely it is held, so that images which "
        "nobody could read drive a trained network little (10 was measured); none: no bound, as a network needs that "
        "still reads nothing.",
    )
    optimiser: OptimiserSettings = OptimiserSettings()

    @model_validator(mode="after")
    def _zone(self) -> Self:
        if self.finish_at is not None and self.finish_at.tzinfo is None:
            raise ValueError("finish_at needs a time zone, such as 2026-01-31T18:00:00+00:00")
        return self


class PretrainSettings(LoopSettings):
    """One pretraining run; stored beside its checkpoints, so that it resumes as it began."""

    workers: int = Field(default=2, ge=1, le=64, description="Data-parallel processes.")
    threads: int = Field(default=1, ge=1, le=256, description="Threads of each worker.")
    device: Literal["cpu", "cuda"] = Field(
        default="cpu", description="What each worker trains on; cuda is a GPU of its own, and needs a torch with CUDA."
    )
    network: NetworkConfig = NetworkConfig(
        stem_channels=24, stem_blocks=1, stage_channels=(48, 96, 192), stage_blocks=(2, 2, 2)
    )
    data: DataSettings = DataSettings()
    start_from: Path | None = Field(
        default=None,
        description="Model folder whose weights the run starts from; `network` may add blocks to its stages.",
    )

    @model_validator(mode="after")
    def _judged(self) -> Self:
        if self.data.known_kept < 1 and self.start_from is None and not self.data.resident_images:
            raise ValueError("data.known_kept below 1 needs start_from, the model that tells which images are known")
        return self
