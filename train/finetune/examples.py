"""Which of the posted examples can be learnt from, and why the others cannot."""

import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocr_model.errors import ImageError
from ocr_model.images import decode_image
from ocr_model.network_config import TIME_STEPS
from ocr_model.normalise import INPUT, normalise
from train.finetune.dataset import Example


class Fault(StrEnum):
    """Why an example is left out."""

    DUPLICATE = "duplicate"
    CONTRADICTION = "contradiction"
    TOO_LONG = "too_long"
    UNPRINTABLE = "unprintable"
    NOT_IMAGE = "not_image"


@dataclass(frozen=True, slots=True, order=True)
class Dropped:
    """An example that is left out: its index among those posted, and why."""

    index: int
    why: Fault


class Examples(NamedTuple):
    """Examples that can be learnt from, each picture once.

    Attributes:
        pixels: uint8 (N, 48, 160, 3), perhaps mapped from disk.
        labels: N texts in Unicode's composed form (NFC).
        indices: of the N among those posted.
    """

    pixels: NDArray[np.uint8]
    labels: list[str]
    indices: list[int]

    def of(self, rows: Sequence[int]) -> "Examples":
        """Copy the examples at ``rows``, in that order."""
        return Examples(
            self.pixels[np.asarray(rows, dtype=np.int64)],
            [self.labels[row] for row in rows],
            [self.indices[row] for row in rows],
        )


def usable(posted: Sequence[Example], scratch: Path) -> tuple[Examples, list[Dropped]]:
    """Decode, normalise and sift what was posted.

    One of several examples of the same picture stays if their labels agree, none if they
    contradict each other. Pictures are compared as the network sees them, so that a file encoded
    anew is the same picture.

    Args:
        posted: the dataset.
        scratch: the pixels are kept in this file, so that a large dataset need not fit in memory.
    """
    scratch.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.lib.format.open_memmap(scratch, mode="w+", dtype=np.uint8, shape=(max(1, len(posted)), *INPUT.shape))
    dropped: list[Dropped] = []
    labels: list[str] = []
    indices: list[int] = []
    same: defaultdict[bytes, list[int]] = defaultdict(list)
    for example in posted:
        label = unicodedata.normalize("NFC", example.label)
        fault = _fault_of(label)
        row = len(labels)
        if fault is None:
            try:
                pixels[row] = normalise(decode_image(example.image))
            except ImageError:
                fault = Fault.NOT_IMAGE
        if fault is not None:
            dropped.append(Dropped(example.index, fault))
            continue
        labels.append(label)
        indices.append(example.index)
        same[picture_key(pixels[row])].append(row)
    kept: list[int] = []
    for rows in same.values():
        if len({labels[row] for row in rows}) > 1:
            dropped += [Dropped(indices[row], Fault.CONTRADICTION) for row in rows]
        else:
            kept.append(rows[0])
            dropped += [Dropped(indices[row], Fault.DUPLICATE) for row in rows[1:]]
    whole = Examples(pixels[: len(labels)], labels, indices)
    return (whole if len(kept) == len(labels) else whole.of(kept)), sorted(dropped)


def picture_key(pixels: NDArray[np.uint8]) -> bytes:
    """Name a picture by what the network sees of it, uint8 (48, 160, 3)."""
    return hashlib.sha256(pixels.tobytes()).digest()


def joined(parts: Sequence[Examples]) -> Examples:
    """Put examples one after the other; each keeps its index, of its own dataset."""
    pixels = [part.pixels for part in parts] or [np.empty((0, *INPUT.shape), dtype=np.uint8)]
    return Examples(
        np.concatenate(pixels),
        [label for part in parts for label in part.labels],
        [index for part in parts for index in part.indices],
    )


def columns_needed(text: Sequence[object]) -> int:
    """Count the columns that CTC needs for a text: one a character, and a blank between equal neighbours."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def _fault_of(label: str) -> Fault | None:
    if columns_needed(label) > TIME_STEPS:
        return Fault.TOO_LONG
    return None if label.isprintable() and label else Fault.UNPRINTABLE


def counts(dropped: Sequence[Dropped]) -> dict[str, int]:
    """Count what was left out by reason, every reason named."""
    found = Counter(item.why for item in dropped)
    return {fault.value: found[fault] for fault in Fault}
