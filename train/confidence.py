"""``python -m train.confidence REPORT PICTURE``: how far a model's confidence can be trusted, as a small PNG."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import matplotlib as mpl
import numpy as np
import typer
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ocr_model.reliability import BINS, RiskCoverage, calibration_error, risk_coverage


class Answers:
    """All readings of a report, or of some of its sets: how sure each is, and whether it is right.

    Args:
        report: what `train.evaluate --save` wrote.
        sets: names among the report's; by default all.
    """

    def __init__(self, report: dict[str, Any], sets: Sequence[str] | None = None) -> None:
        reads = [read for name in (report["reads"] if sets is None else sets) for read in report["reads"][name]]
        self.confidences: list[float] = [read["confidence"] for read in reads]
        self.right: list[bool] = [read["text"] == read["truth"] for read in reads]

    @property
    def calibration_error(self) -> float:
        """The expected calibration error, 0..1."""
        return calibration_error(self.confidences, self.right)

    @property
    def curve(self) -> RiskCoverage:
        """The risk over the coverage."""
        return risk_coverage(self.confidences, self.right)

    def risk_at(self, coverage: float) -> float:
        """The share that is wrong, 0..1, of the surest ``coverage`` (above 0, to 1)."""
        risk = self.curve.risk
        return float(risk[max(1, round(coverage * len(risk))) - 1])


def draw_confidence(answers: Answers, picture: Path) -> None:
    """Draw accuracy over confidence (with the share of answers in each bin), and risk over coverage."""
    with mpl.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(6, 2.8), dpi=110, layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_reliability(left, np.array(answers.confidences), np.array(answers.right, dtype=np.float64))
        curve = answers.curve
        right.plot(100 * curve.coverage, 100 * curve.risk, color="tab:blue", linewidth=1)
        right.set(xlabel="answers kept, the surest first (%)", ylabel="wrong among them (%)", xlim=(0, 100))
        right.set(ylim=(0, None), title=f"mean risk {100 * curve.area:.1f} %")
        left.set(title=f"expected calibration error {answers.calibration_error:.3f}")
        picture.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(picture)


def _draw_reliability(axes: Axes, confidences: NDArray[np.float64], right: NDArray[np.float64]) -> None:
    bins = np.minimum((confidences * BINS).astype(np.intp), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    centres = (np.arange(BINS) + 0.5) / BINS
    axes.bar(centres, counts / counts.sum(), width=0.9 / BINS, color="0.85")
    filled = counts > 0
    mean_confidence = np.bincount(bins, confidences, BINS)[filled] / counts[filled]
    accuracy = np.bincount(bins, right, BINS)[filled] / counts[filled]
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8, linestyle=":")
    axes.plot(mean_confidence, accuracy, color="tab:orange", marker="o", markersize=3, linewidth=1)
    axes.set(xlabel="confidence", ylabel="read exactly; grey: share of answers", xlim=(0, 1), ylim=(0, 1))


def main(
    report: Annotated[Path, typer.Argument(help="JSON that `train.evaluate --save` wrote.")],
    picture: Annotated[Path, typer.Argument(help="PNG to write.")],
) -> None:
    """Draw a model's reliability and its risk over coverage."""
    draw_confidence(Answers(json.loads(report.read_text(encoding="utf-8"))), picture)


if __name__ == "__main__":
    typer.run(main)
