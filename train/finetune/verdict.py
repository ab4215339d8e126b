"""The outcome of a retrain: ``verdict.json``, written last."""

import statistics
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ocr_model.scoring import Read, score
from train.finetune.examples import Fault
from train.finetune.paired_test import chance_of_gain

VERDICT_FILE = "verdict.json"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measures(_Model):
    """How well one model reads a set."""

    exact: float = Field(ge=0, le=100, description="Percent read exactly.")
    exact_ignoring_case: float = Field(ge=0, le=100, description="Percent read exactly but for case.")
    character_error_rate: float = Field(ge=0, description="Edits in percent of the true characters.")
    probability: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Mean probability, in percent, that the network gives to the true texts; null in older verdicts.",
    )

    @classmethod
    def of(cls, reads: Sequence[Read]) -> "Measures":
        """Measure ``reads``, of which there is at least one."""
        whole = score(reads)
        return cls(
            exact=round(whole.exact, 3),
            exact_ignoring_case=round(whole.exact_ignoring_case, 3),
            character_error_rate=round(whole.character_error_rate, 3),
            probability=round(100 * _mean_of_truth(reads), 3),
        )


class _Paired(_Model):
    """Two models on the same images, image by image."""

    n: int = Field(ge=1, description="Images.")
    serving: Measures
    candidate: Measures
    gained: int = Field(ge=0, description="Images that the candidate alone reads exactly.")
    lost: int = Field(ge=0, description="Images that the serving model alone reads exactly.")
    p_value: float = Field(
        ge=0,
        le=1,
        description="Paired randomisation test, one-sided, on the probabilities of the true texts, of what the class "
        "names.",
    )

    @classmethod
    def _of(cls, serving: Sequence[Read], candidate: Sequence[Read], *, p_value: float) -> Self:
        pairs = [(a.text == a.truth, b.text == b.truth) for a, b in zip(serving, candidate, strict=True)]
        gained, lost = pairs.count((False, True)), pairs.count((True, False))
        return cls(
            n=len(pairs),
            serving=Measures.of(serving),
            candidate=Measures.of(candidate),
            gained=gained,
            lost=lost,
            p_value=p_value,
        )


class HeldOut(_Paired):
    """Both models on the posted examples that were held out; tested is that the candidate is better."""

    @classmethod
    def of(cls, serving: Sequence[Read], candidate: Sequence[Read]) -> Self:
        """Compare two models' reads of the same images."""
        return cls._of(serving, candidate, p_value=_chance_of_gain(serving, candidate))


class RememberedPart(_Paired):
    """Both models on examples of the retrains that led to the serving one; tested is that the candidate is worse."""

    @classmethod
    def of(cls, serving: Sequence[Read], candidate: Sequence[Read]) -> Self:
        """Compare two models' reads of the same images."""
        return cls._of(serving, candidate, p_value=_chance_of_gain(candidate, serving))


def _mean_of_truth(reads: Sequence[Read]) -> float:
    return statistics.fmean(read.of_truth for read in reads)


def _chance_of_gain(before: Sequence[Read], after: Sequence[Read]) -> float:
    return chance_of_gain([read.of_truth for read in before], [read.of_truth for read in after])


class Golden(_Model):
    """Both models on drawn images that no caller can reach."""

    n: int = Field(ge=1, description="Images.")
    serving: Measures
    candidate: Measures
    margin_points: float = Field(ge=0, description="Percentage points of probability that the candidate may give less.")
    fallen_points: float = Field(
        description="Percentage points of mean probability that it gives the true texts less; negative if more."
    )

    @classmethod
    def of(cls, serving: Sequence[Read], candidate: Sequence[Read], *, margin_points: float) -> "Golden":
        """Compare two models' reads of the same images."""
        return cls(
            n=len(serving),
            serving=Measures.of(serving),
            candidate=Measures.of(candidate),
            margin_points=margin_points,
            fallen_points=round(100 * (_mean_of_truth(serving) - _mean_of_truth(candidate)), 3),
        )


class Difference(_Model):
    """A held-out example that the two models read differently."""

    index: int = Field(ge=0, description="Its place among those posted.")
    label: str
    serving: str = Field(description="What the serving model reads.")
    candidate: str = Field(description="What the candidate reads.")


class SuspectLabel(_Model):
    """A posted label that looks wrong."""

    index: int = Field(ge=0, description="Its place among those posted.")
    label: str
    read: str = Field(description="What the candidate reads instead.")
    confidence: float = Field(ge=0, le=1, description="How surely.")


class DroppedExample(_Model):
    """An example that was left out."""

    index: int = Field(ge=0, description="Its place among those posted.")
    why: Fault


class DroppedExamples(_Model):
    """What was left out, and why."""

    counts: dict[str, int] = Field(description="Examples left out, by reason.")
    examples: list[DroppedExample] = Field(max_length=50, description="The first of them.")


class Verdict(_Model):
    """Whether the candidate is rolled out, and all that speaks for and against it."""

    format: Literal[1] = 1
    outcome: Literal["promote", "reject"]
    reason: str = Field(description="One sentence for people.")
    candidate_version: str | None = Field(description="Version of the candidate; null if none was trained.")
    debug: bool
    held_out: HeldOut | None = Field(description="Null if none was trained.")
    golden: Golden | None = Field(description="Null if none was trained.")
    remembered: RememberedPart | None = Field(
        default=None, description="Null if none was trained, or nothing was learnt before."
    )
    examples: list[Difference] = Field(max_length=20, description="Held-out examples read differently.")
    suspects: list[SuspectLabel] = Field(max_length=50, description="Labels that look wrong, the surest first.")
    dropped: DroppedExamples
    new_characters: str = Field(description="Characters that the serving model does not know.")
