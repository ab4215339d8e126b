"""Reading folders of labelled images, and what that says of a model."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ocr_model.confusions import commonest_confusions
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.errors import ImageError
from ocr_model.labelled import read_labels
from ocr_model.reading import Reading
from ocr_model.reliability import calibration_error
from ocr_model.scoring import Read, Score, mean_score, score

BATCH = 8
"""Images read at a time: a replica's usual batch."""


class ReadsImages(Protocol):
    """What is evaluated: bytes in, readings out, an error in the place of an image that is none."""

    def read(self, images: Sequence[bytes], *, constraint: Constraint = ...) -> list[Reading | ImageError]:
        """Read encoded images."""


class Evaluation(NamedTuple):
    """The readings of one folder, and their measures."""

    reads: list[Read]
    score: Score


def evaluate(reader: ReadsImages, folder: Path, *, constraint: Constraint = NO_CONSTRAINT) -> Evaluation:
    """Read every image of one folder; one that cannot be decoded counts as read wrong.

    Args:
        reader: the model.
        folder: images with a ``labels.csv``.
        constraint: on every answer.

    Raises:
        LabelsError: the folder holds no labelled images.
        ConstraintError: the reader cannot meet the constraint.
    """
    images = read_labels(folder)
    contents = [image.path.read_bytes() for image in images]
    reads: list[Read] = []
    # The first run of a session allocates; it is no measure of the rest.
    reader.read(contents[:1], constraint=constraint)
    start_s = time.perf_counter()
    for first in range(0, len(images), BATCH):
        answers = reader.read(contents[first : first + BATCH], constraint=constraint)
        for image, answer in zip(images[first : first + BATCH], answers, strict=True):
            if isinstance(answer, ImageError):
                reads.append(Read(image.label, ""))
            else:
                reads.append(Read(image.label, answer.text, answer.confidence))
    image_ms = 1000 * (time.perf_counter() - start_s) / len(images)
    return Evaluation(reads, score(reads, image_ms=image_ms))


def summary(evaluations: Mapping[str, Evaluation], *, version: str) -> dict[str, Any]:
    """Give the measures of all folders, their mean, and every reading, for JSON.

    ``calibration_error`` is that of all images together; in a set's own measures, and in their
    mean, it is larger by chance, for want of images.
    """
    scores = {name: evaluation.score for name, evaluation in evaluations.items()}
    everything = [read for evaluation in evaluations.values() for read in evaluation.reads]
    return {
        "model_version": version,
        "sets": {name: s.as_dict() for name, s in scores.items()},
        "mean": mean_score(list(scores.values())).as_dict(),
        "calibration_error": pooled_calibration_error(evaluations),
        "confusions": [confusion._asdict() for confusion in commonest_confusions(everything)],
        "reads": {name: [read._asdict() for read in evaluation.reads] for name, evaluation in evaluations.items()},
    }


def pooled_calibration_error(evaluations: Mapping[str, Evaluation]) -> float:
    """Give the calibration error over the images of all folders together."""
    everything = [read for evaluation in evaluations.values() for read in evaluation.reads]
    return calibration_error([read.confidence for read in everything], [read.text == read.truth for read in everything])
