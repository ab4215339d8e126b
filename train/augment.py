"""Cheap variation of a batch of drawn images at each use, on uint8.

Each effect keeps the text readable and costs well under a millisecond for a batch.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Images = NDArray[np.uint8]

_MARGIN_PX = 20
"""No corner is moved farther than this."""


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


def jiggle(image: Images, rng: np.random.Generator) -> Images:
    """Turn, shear and shrink one image uint8 (48, 160, 3) a little about its middle; its edges are repeated.

    For images of which there are few: those drawn vary more than this already.
    """
    height, width, _ = image.shape
    stretch = np.diag(rng.uniform((0.97, 0.95), (1.15, 1.12)))
    shear, angle = rng.uniform(-0.15, 0.15), math.radians(rng.uniform(-4, 4))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = turn @ stretch @ np.array([[1.0, shear], [0.0, 1.0]])
    middle = np.array([width, height]) / 2
    offset = middle + _MARGIN_PX - matrix @ middle
    padded = np.pad(image, ((_MARGIN_PX, _MARGIN_PX), (_MARGIN_PX, _MARGIN_PX), (0, 0)), mode="edge")
    coefficients = (*matrix[0], offset[0], *matrix[1], offset[1])
    moved = Image.fromarray(padded).transform(
        (width, height), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(moved)


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
