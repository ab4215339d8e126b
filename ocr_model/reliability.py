"""Whether confidence means what it says: calibration error, and the curve of risk over coverage."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Bins of equal width, as in Guo et al., 2017 (arXiv:1706.04599)."""


class RiskCoverage(NamedTuple):
    """What is wrong among the surest answers.

    Attributes:
        coverage: (N,) share of answers kept, 1/N to 1, the surest first.
        risk: (N,) share of those kept that is wrong.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]

    @property
    def area(self) -> float:
        """Mean risk over all coverages, 0..1 (AURC; Geifman & El-Yaniv, 2017, arXiv:1705.08500)."""
        return float(self.risk.mean())


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Give the expected calibration error: the gap of confidence and accuracy, averaged over bins.

    Args:
        confidences: of N answers, 0..1; N at least 1.
        right: whether each is.

    Returns:
        0..1, each bin weighing as many answers as it holds. Few answers a bin make it larger by
        chance: of 100 answers of an honest reader it is still about 0.1.
    """
    sure, hits = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.float64)
    bins = np.minimum((sure * BINS).astype(np.intp), BINS - 1)
    gaps = np.bincount(bins, weights=hits - sure, minlength=BINS)
    return float(np.abs(gaps).sum() / len(sure))


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> RiskCoverage:
    """Give the share of wrong answers among the surest, for every share of answers kept.

    Args:
        confidences: of N answers, N at least 1.
        right: whether each is.
    """
    order = np.argsort(-np.asarray(confidences, dtype=np.float64), kind="stable")
    kept = np.arange(1, len(order) + 1)
    wrong = np.cumsum(~np.asarray(right, dtype=bool)[order])
    return RiskCoverage(kept / len(order), wrong / kept)
