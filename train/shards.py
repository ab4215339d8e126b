"""Drawn images on disk, in files of a fixed count, each a pure function of seed and number.

Keeping them costs little (47 MB for 2,048 images) and buys three things: an interruption loses
nothing, each image is used several times, and several workers read the same file without a copy.
"""

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.normalise import INPUT, normalise
from train.errors import TrainingError
from train.synth.sample import Sample

logger = logging.getLogger(__name__)


Draw = Callable[[np.random.Generator], Sample]
"""Draws one picture with its text from a generator, and nothing but it."""

_TRIES = 5
_DRAWING_FAULTS = (ArithmeticError, LookupError, OSError, ValueError)


class Shard(NamedTuple):
    """Images uint8 (N, 48, 160, 3), perhaps mapped from disk, with N labels and N style names."""

    images: NDArray[np.uint8]
    labels: list[str]
    styles: list[str]


def shard_path(folder: Path, number: int) -> Path:
    """Say where shard ``number`` of ``folder`` lies."""
    return folder / f"shard-{number:06d}.npy"


def remove_shards_before(folder: Path, number: int) -> None:
    """Forget all shards with numbers below ``number``."""
    for path in folder.glob("shard-*.npy"):
        if (older := int(path.stem.removeprefix("shard-"))) < number:
            remove_shard(folder, older)


def draw_shard(draw: Draw, *, seed: int, number: int, images: int) -> Shard:
    """Draw a shard; the same arguments give the same pixels.

    Raises:
        TrainingError: the drawing function fails time after time.
        CharsetError: a label holds a character outside the base charset.
    """
    charset = Charset(BASE_CHARSET)
    pixels = np.empty((images, *INPUT.shape), dtype=np.uint8)
    labels: list[str] = []
    styles: list[str] = []
    for i in range(images):
        sample = _draw_one(draw, (seed, number, i))
        charset.encode(sample.label)
        pixels[i] = normalise(sample.image)
        labels.append(sample.label)
        styles.append(sample.style)
    return Shard(pixels, labels, styles)


def _draw_one(draw: Draw, key: tuple[int, int, int]) -> Sample:
    """Draw one image; a rare fault of one style must not end a run of hours."""
    for attempt in range(_TRIES):
        try:
            sample = draw(np.random.default_rng([*key, attempt]))
        except _DRAWING_FAULTS:
            logger.warning("drawing failed for the key %s, attempt %d", key, attempt, exc_info=True)
            continue
        if sample.label:
            return sample
    raise TrainingError(f"Drawing failed {_TRIES} times in a row for the key {key}.")


def write_shard(folder: Path, number: int, shard: Shard) -> None:
    """Write a shard so that it is there wholly or not at all."""
    path = shard_path(folder, number)
    texts = path.with_suffix(".json")
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps({"labels": shard.labels, "styles": shard.styles}), encoding="utf-8")
    temporary.replace(texts)
    with temporary.open("wb") as file:
        np.save(file, shard.images, allow_pickle=False)
    temporary.replace(path)


def read_shard(folder: Path, number: int) -> Shard:
    """Map a shard from disk.

    Raises:
        TrainingError: it is missing or malformed.
    """
    path = shard_path(folder, number)
    try:
        images = np.load(path, mmap_mode="r", allow_pickle=False)
        texts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        shard = Shard(images, list(texts["labels"]), list(texts["styles"]))
    except (OSError, ValueError, KeyError) as e:
        raise TrainingError(f"Shard {number} cannot be read; remove it and it is drawn again.") from e
    if shard.images.shape != (len(shard.labels), *INPUT.shape) or shard.images.dtype != np.uint8:
        raise TrainingError(f"Shard {number} has another shape than its labels; remove it.")
    return shard


def remove_shard(folder: Path, number: int) -> None:
    """Forget a shard; no error if it is gone already."""
    path = shard_path(folder, number)
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
