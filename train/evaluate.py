"""``python -m train.evaluate WEIGHTS FOLDER``: how well a model reads labelled images."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple, Protocol

import typer
from rich.console import Console

from ocr_model.errors import GlyphserveError, ImageError
from ocr_model.reader import Reader
from ocr_model.reading import Reading
from train.labelled import labelled_folders, read_labels
from train.score import Read, Score, mean_score, score, table

BATCH = 8
"""Images read at a time: a replica's usual batch."""


class ReadsImages(Protocol):
    """What is evaluated: bytes in, readings out, an error in the place of an image that is none."""

    def read(self, images: Sequence[bytes]) -> list[Reading | ImageError]:
        """Read encoded images."""


class Evaluation(NamedTuple):
    """The readings of one folder, and their measures."""

    reads: list[Read]
    score: Score


def evaluate(reader: ReadsImages, folder: Path) -> Evaluation:
    """Read every image of one folder; one that cannot be decoded counts as read wrong.

    Raises:
        DatasetError: the folder holds no labelled images.
    """
    images = read_labels(folder)
    contents = [image.path.read_bytes() for image in images]
    reads: list[Read] = []
    reader.read(contents[:1])  # the first run of a session allocates; it is no measure of the rest
    start_s = time.perf_counter()
    for first in range(0, len(images), BATCH):
        answers = reader.read(contents[first : first + BATCH])
        for image, answer in zip(images[first : first + BATCH], answers, strict=True):
            if isinstance(answer, ImageError):
                reads.append(Read(image.label, ""))
            else:
                reads.append(Read(image.label, answer.text, answer.confidence))
    image_ms = 1000 * (time.perf_counter() - start_s) / len(images)
    return Evaluation(reads, score(reads, image_ms=image_ms))


def report(evaluations: dict[str, Evaluation], *, version: str) -> str:
    """Give the measures of all folders, their mean, and every misread image, as JSON."""
    scores = {name: evaluation.score for name, evaluation in evaluations.items()}
    return json.dumps(
        {
            "model_version": version,
            "sets": {name: s.as_dict() for name, s in scores.items()},
            "mean": mean_score(list(scores.values())).as_dict(),
            "misread": {
                name: [read._asdict() for read in evaluation.reads if read.text != read.truth]
                for name, evaluation in evaluations.items()
            },
        },
        indent=1,
    )


def main(
    weights: Annotated[Path, typer.Argument(help="A checkpoint folder.")],
    folder: Annotated[Path, typer.Argument(help="Images with labels.csv, or a folder of such folders.")],
    save: Annotated[Path | None, typer.Option(help="Write the measures and misread images here, as JSON.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the reader.")] = 1,
) -> None:
    """Score a model over labelled images and print the table."""
    console = Console()
    try:
        reader = Reader.load(weights, threads=threads)
        evaluations = {name: evaluate(reader, path) for name, path in labelled_folders(folder).items()}
    except GlyphserveError as e:
        Console(stderr=True).print(str(e), markup=False)
        sys.exit(1)
    scores = {name: evaluation.score for name, evaluation in evaluations.items()}
    console.print(table(scores, title=f"model {reader.version}"))
    if save is not None:
        save.write_text(report(evaluations, version=reader.version) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
