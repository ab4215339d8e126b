"""``python -m train.curve RUN PICTURE``: the learning curve of a run as a small PNG."""

from pathlib import Path
from typing import Annotated

import matplotlib as mpl
import numpy as np
import typer
from matplotlib.figure import Figure
from numpy.typing import NDArray
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]

from train.errors import TrainingError

_WINDOW = 8
"""Reports that the loss is averaged over: a single one is a few batches."""


def scalars(run: Path, name: str) -> NDArray[np.float64]:
    """Read a scalar's (step, value) rows, (N, 2), from a run's TensorBoard files; a resumed run has several.

    Raises:
        TrainingError: the run has no such scalar.
    """
    values: dict[int, float] = {}
    for path in sorted((run / "tensorboard").glob("events.*")):
        events = EventAccumulator(str(path))
        events.Reload()
        if name in events.Tags()["scalars"]:
            values |= {event.step: event.value for event in events.Scalars(name)}
    if not values:
        raise TrainingError(f"The run has reported no {name!r}.")
    return np.array(sorted(values.items()), dtype=np.float64)


def draw_curve(run: Path, picture: Path) -> None:
    """Draw loss and held-out accuracy over the steps.

    Raises:
        TrainingError: the run has not been scored yet.
    """
    loss, exact = scalars(run, "loss"), scalars(run, "exact_ignoring_case")
    with mpl.rc_context({"font.size": 8, "axes.spines.top": False}):
        figure = Figure(figsize=(6, 2.8), dpi=110, layout="constrained")
        left = figure.add_subplot()
        right = left.twinx()
        window = min(_WINDOW, len(loss))
        smooth = np.convolve(loss[:, 1], np.ones(window) / window, mode="valid")
        left.plot(loss[window - 1 :, 0], smooth, color="tab:orange", linewidth=1)
        left.set(xlabel="optimiser step", ylabel="CTC loss a character", yscale="log")
        left.yaxis.label.set_color("tab:orange")
        right.plot(exact[:, 0], exact[:, 1], color="tab:blue", marker="o", markersize=2, linewidth=1)
        right.set(ylabel="held-out, read exactly (%)", ylim=(0, 100))
        right.yaxis.label.set_color("tab:blue")
        picture.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(picture)


def main(
    run: Annotated[Path, typer.Argument(help="Folder of a pretraining run.")],
    picture: Annotated[Path, typer.Argument(help="PNG to write.")],
) -> None:
    """Draw a run's learning curve."""
    draw_curve(run, picture)


if __name__ == "__main__":
    typer.run(main)
