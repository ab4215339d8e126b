"""Cheap variation of a batch of drawn images at each use, on uint8.

Each effect keeps the text readable and costs well under a millisecond for a batch.
"""

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]


def augment(images: Images, rng: np.random.Generator) -> Images:
    """Vary images uint8 (N, 48, 160, 3); returns new ones of the same shape, the same for the same ``rng``."""
    out = np.empty_like(images)
    for i, image in enumerate(images):
        out[i] = _shift(_tint(image, rng), rng)
        if rng.random() < 0.15:
            _noise(out[i], rng)
        if rng.random() < 0.1:
            _strike(out[i], rng)
    return out


def _tint(image: Images, rng: np.random.Generator) -> Images:
    """Permute the channels, invert, and map each through a line of random contrast and brightness."""
    if rng.random() < 0.5:
        image = image[:, :, rng.permutation(3)]
    levels = np.arange(256, dtype=np.float32)
    if rng.random() < 0.25:
        levels = levels[::-1]
    contrast, brightness = rng.uniform(0.7, 1.15), rng.uniform(-25, 25)
    table = np.clip((levels - 127.5) * contrast + 127.5 + brightness, 0, 255).astype(np.uint8)
    tinted: Images = table[image]
    return tinted


def _shift(image: Images, rng: np.random.Generator) -> Images:
    """Move by at most 2 rows and 4 columns; the edge is repeated."""
    height, width, _ = image.shape
    rows = np.clip(np.arange(height) + rng.integers(-2, 3), 0, height - 1)
    columns = np.clip(np.arange(width) + rng.integers(-4, 5), 0, width - 1)
    moved: Images = image[rows][:, columns]
    return moved


def _noise(image: Images, rng: np.random.Generator) -> None:
    """Add grey noise in place."""
    noise = rng.integers(-24, 25, size=(*image.shape[:2], 1), dtype=np.int16)
    image[:] = np.clip(image + noise, 0, 255)


def _strike(image: Images, rng: np.random.Generator) -> None:
    """Paint one thin line from left to right in place, in a colour of the image."""
    height, width, _ = image.shape
    colour = image[rng.integers(height), rng.integers(width)]
    columns = np.arange(width)
    start, end = rng.integers(0, height, size=2)
    rows = np.rint(np.linspace(start, end, width)).astype(np.int64)
    for thickness in range(int(rng.integers(1, 3))):
        image[np.minimum(rows + thickness, height - 1), columns] = colour
