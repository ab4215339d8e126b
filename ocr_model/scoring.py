"""How well texts were read: the measures of a model, in training and in use."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from ocr_model.reliability import calibration_error


class Read(NamedTuple):
    """One image.

    Attributes:
        truth: its true text.
        text: what was read.
        confidence: how surely, 0..1.
        of_truth: probability that the reader gives to the true text, 0..1; 0 where it was not asked.
    """

    truth: str
    text: str
    confidence: float = 0.0
    of_truth: float = 0.0


@dataclass(frozen=True)
class Score:
    """Measures over a set of images.

    Attributes:
        n: images.
        exact: percent read exactly.
        exact_ignoring_case: percent read exactly but for case.
        character_error_rate: edits (insert, delete, replace) in percent of the true characters.
        mean_confidence: mean of the reader's own confidence, 0..1.
        calibration_error: how far confidence is from the share read exactly, 0..1 (`ocr_model.reliability`).
        image_ms: mean milliseconds an image, bytes to text; None where it was not timed.
    """

    n: int
    exact: float
    exact_ignoring_case: float
    character_error_rate: float
    mean_confidence: float
    calibration_error: float
    image_ms: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The measures by name, for JSON."""
        return asdict(self)


def edit_distance(a: str, b: str) -> int:
    """Count the single-character edits between two texts (Levenshtein, 1966)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def score(reads: Sequence[Read], *, image_ms: float | None = None) -> Score:
    """Measure ``reads``.

    Raises:
        ValueError: there is none.
    """
    if not reads:
        raise ValueError("no image was read, so there is nothing to score")
    n = len(reads)
    characters = sum(len(read.truth) for read in reads)
    return Score(
        n=n,
        exact=100 * sum(read.text == read.truth for read in reads) / n,
        exact_ignoring_case=100 * sum(read.text.lower() == read.truth.lower() for read in reads) / n,
        character_error_rate=100 * sum(edit_distance(read.truth, read.text) for read in reads) / characters,
        mean_confidence=sum(read.confidence for read in reads) / n,
        calibration_error=calibration_error(
            [read.confidence for read in reads], [read.text == read.truth for read in reads]
        ),
        image_ms=image_ms,
    )


def score_by_group(reads: Sequence[Read], groups: Sequence[str]) -> dict[str, Score]:
    """Measure each group of ``reads`` apart; ``groups`` names the group of each."""
    members: dict[str, list[Read]] = defaultdict(list)
    for read, group in zip(reads, groups, strict=True):
        members[group].append(read)
    return {group: score(members[group]) for group in sorted(members)}


def mean_score(scores: Sequence[Score]) -> Score:
    """Average over groups, each counting alike whatever its size.

    Raises:
        ValueError: there is none.
    """
    if not scores:
        raise ValueError("there is no score to average")
    times = [s.image_ms for s in scores if s.image_ms is not None]
    count = len(scores)
    return Score(
        n=sum(s.n for s in scores),
        exact=sum(s.exact for s in scores) / count,
        exact_ignoring_case=sum(s.exact_ignoring_case for s in scores) / count,
        character_error_rate=sum(s.character_error_rate for s in scores) / count,
        mean_confidence=sum(s.mean_confidence for s in scores) / count,
        calibration_error=sum(s.calibration_error for s in scores) / count,
        image_ms=sum(times) / len(times) if times else None,
    )
