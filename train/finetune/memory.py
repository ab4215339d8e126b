"""What earlier retrains taught: gone over again, so that the next one does not forget it.

The drawn images hold nothing of a user's own kind and none of the characters that a retrain added. Some
examples of every retrain that led to the serving model are therefore mixed into the training, as drawn
images are (experience replay; Rolnick et al., 2019, arXiv:1811.11682), and others judge the candidate.
"""

import logging
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import numpy as np

from ocr_model.charset import Charset
from train.errors import DatasetError, StoreError
from train.finetune.dataset import Example, read_dataset
from train.finetune.examples import Examples, joined, picture_key, usable
from train.finetune.request import Remembered
from train.finetune.store import Folder

logger = logging.getLogger(__name__)

_JUDGED = 4
"""Of so many examples one judges; the others are trained on."""


class Memory(NamedTuple):
    """Examples of earlier retrains.

    Attributes:
        train: of each dataset, those to train on.
        held: of all datasets, those that judge.
    """

    train: list[Examples]
    held: Examples


def recall(remembered: Sequence[Remembered], *, images: int, charset: Charset, own: Examples, scratch: Path) -> Memory:
    """Choose among the examples of earlier datasets; the same ones each time, whatever is trained.

    A dataset that is gone is passed over: that is no reason not to learn. So are pictures that were posted
    again, whose new label counts.

    Args:
        remembered: the datasets.
        images: examples looked at, at most, of all datasets together.
        charset: of the serving model; what it cannot write, it cannot forget.
        own: the posted examples.
        scratch: folder for pixels in passing.
    """
    posted = {picture_key(pixels) for pixels in own.pixels} if remembered else set()
    train: list[Examples] = []
    held: list[Examples] = []
    for dataset in remembered:
        examples = _sample(dataset, images // len(remembered), scratch)
        known = [
            row
            for row, label in enumerate(examples.labels)
            if all(character in charset for character in label) and picture_key(examples.pixels[row]) not in posted
        ]
        train.append(examples.of([row for place, row in enumerate(known) if place % _JUDGED]))
        held.append(examples.of(known[::_JUDGED]))
    return Memory(train, joined(held))


def recall_again(remembered: Sequence[Remembered], chosen: Sequence[Sequence[int]], scratch: Path) -> Examples:
    """Read the examples that were chosen to train on; perhaps on another machine."""
    parts = []
    for dataset, indices in zip(remembered, chosen, strict=True):
        wanted = set(indices)
        if wanted:
            parts.append(_decoded([example for example in _read(dataset) if example.index in wanted], scratch))
    return joined(parts)


def _sample(dataset: Remembered, count: int, scratch: Path) -> Examples:
    examples = _read(dataset)
    order = np.random.default_rng(zlib.crc32(dataset.dataset_sha256.encode())).permutation(len(examples))
    return _decoded([examples[row] for row in order[:count]], scratch)


def _read(dataset: Remembered) -> list[Example]:
    try:
        return read_dataset(Folder.at(dataset.dataset), sha256=dataset.dataset_sha256)
    except (StoreError, DatasetError) as e:
        logger.warning("an earlier dataset is passed over: %s", e)
        return []


def _decoded(examples: Sequence[Example], scratch: Path) -> Examples:
    pixels = scratch / f"remembered-{uuid4().hex}.npy"
    found, _ = usable(examples, pixels)
    pixels.unlink()  # what is mapped stays until the process ends
    return found
