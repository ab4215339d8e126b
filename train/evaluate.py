"""``python -m train.evaluate WEIGHTS FOLDER``: the report of which `train.model_card` makes a card."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ocr_model.doubt import AGAIN_BELOW
from ocr_model.errors import GlyphserveError
from ocr_model.evaluation import evaluate, summary
from ocr_model.labelled import labelled_folders
from ocr_model.reader import Reader
from ocr_model.score_table import table


def main(
    weights: Annotated[Path, typer.Argument(help="A checkpoint folder.")],
    folder: Annotated[Path, typer.Argument(help="Images with labels.csv, or a folder of such folders.")],
    save: Annotated[Path | None, typer.Option(help="Write the measures and all readings here, as JSON.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the reader.")] = 1,
    look_again_below: Annotated[
        float, typer.Option(min=0, max=1, help="Confidence below which an image is looked at twice more; 0: never.")
    ] = AGAIN_BELOW,
) -> None:
    """Score a model over labelled images and print the table."""
    console = Console()
    try:
        reader = Reader.load(weights, threads=threads, again_below=look_again_below)
        evaluations = {name: evaluate(reader, path) for name, path in labelled_folders(folder).items()}
    except GlyphserveError as e:
        Console(stderr=True).print(str(e), markup=False)
        sys.exit(1)
    scores = {name: evaluation.score for name, evaluation in evaluations.items()}
    console.print(table(scores, title=f"model {reader.version}"))
    if save is not None:
        save.write_text(json.dumps(summary(evaluations, version=reader.version), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
