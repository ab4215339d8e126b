"""How a retrain trains: every number that is not the caller's to choose, with the reason for it."""

import math
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from train.settings import DataSettings, LoopSettings, OptimiserSettings

Share = Annotated[float, Field(ge=0, le=1)]


class Recipe(BaseModel):
    """The recipe; its defaults were compared in ``docs/decisions/0009-fine-tuning-with-replay.md``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    posted: int = Field(default=22, ge=1, le=2048, description="Posted images of each batch.")
    drawn: int = Field(default=10, ge=1, le=2048, description="Drawn images of each batch.")
    remembered: int = Field(
        default=4, ge=0, le=2048, description="Of the drawn ones, how many give way to examples of earlier retrains."
    )
    remembered_images: int = Field(
        default=800, ge=0, description="Examples of earlier retrains that are looked at, all datasets together."
    )
    few: int = Field(
        default=200, ge=1, description="Posted images up to which all of them are varied as much as can be."
    )
    spliced: tuple[Share, Share] = Field(
        default=(0.5, 0.8),
        description="Shares of many and of few posted ones that are put together anew from their characters.",
    )
    jiggled: tuple[Share, Share] = Field(
        default=(0.0, 1.0), description="Shares of many and of few that are turned, sheared and shrunk a little."
    )
    splice_up_to: int = Field(
        default=5000, ge=0, description="Posted images beyond which none is spliced: they are various enough."
    )
    steps: int | None = Field(default=None, ge=1, description="Steps of the run; none: as many as its time allows.")
    most_epochs: int = Field(
        default=60,
        ge=1,
        description="Times that each posted image is trained on, at most: few are soon known by heart.",
    )
    debug_steps: int = Field(default=20, ge=1, description="Steps of a debug run.")
    optimiser: OptimiserSettings = OptimiserSettings(
        learning_rate=4e-4, final_share=0.02, warm_up_steps=20, decay_from=0.1, average_decay=0.995
    )
    grown_head_scale: float = Field(
        default=10.0, gt=0, le=1000, description="Rate of an output layer with new rows, in those of the others."
    )
    validate_every: int = Field(default=50, ge=1, description="Steps between two scorings of the held-out part.")
    report_every: int = Field(default=5, ge=1, description="Steps between two reports of the loss.")
    checkpoint_every: int = Field(default=100, ge=1, description="Steps between two saved states.")
    doubt_from: float = Field(
        default=0.4, gt=0, lt=1, description="Progress (0..1) at which labels are first doubted: others are learnt by."
    )
    doubt_confidence: float = Field(
        default=0.8, gt=0, lt=1, description="Confidence (0..1) in another text from which a label is doubted."
    )
    doubt_least_right: float = Field(
        default=0.5, gt=0, lt=1, description="Share of labels read as they are, below which none is doubted."
    )
    draw: str = Field(default="train.synth:draw", description="Drawing function of the replay, as module:name.")
    replay: DataSettings = DataSettings(shard_images=256, uses=3, use_gap=1, easy_shards=0, ahead=4)
    router_images: int = Field(
        default=1500, ge=16, description="Drawn images that the router learns to tell the posted ones from."
    )
    blend_images: int = Field(
        default=1500, ge=16, description="Drawn images, as many of each style, that the blend is chosen on."
    )
    blends: tuple[Share, ...] = Field(
        default=(1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5),
        min_length=1,
        description="Shares of the learnt weights, falling: the largest that forgets little enough is kept.",
    )
    blend_margin_points: float = Field(
        default=0.6,
        ge=0,
        description="Percentage points that the true texts of drawn images may lose of their mean probability.",
    )

    def share_of(self, count: int, shares: tuple[float, float]) -> float:
        """Give a share that lies between those of many and of few as ``count`` posted images do."""
        many, few = shares
        return many + (few - many) * min(1.0, self.few / count)

    @property
    def batch(self) -> int:
        """Images of a worker's batch."""
        return self.posted + self.drawn

    def loop(self, *, seed: int, left_s: float, epoch_steps: float, debug: bool, grown: bool) -> LoopSettings:
        """Give the training loop's settings.

        Args:
            seed: of the run.
            left_s: seconds that it may take from now.
            epoch_steps: steps in which each posted image comes once.
            debug: whether it is to take a few steps only.
            grown: whether the output layer has new rows, which have farther to go than the rest.
        """
        steps = self.debug_steps if debug else self.steps
        # Never more than the clock allows, also where the steps are counted.
        finish_at = datetime.now(UTC) + timedelta(seconds=left_s) if steps is None else None
        return LoopSettings(
            seed=seed,
            steps=steps or math.ceil(1e6),
            finish_at=finish_at,
            most_steps=math.ceil(self.most_epochs * epoch_steps),
            batch=self.batch,
            checkpoint_every=self.checkpoint_every,
            validate_every=self.validate_every,
            report_every=self.report_every,
            optimiser=self.optimiser.model_copy(update={"head_scale": self.grown_head_scale if grown else 1.0}),
        )
