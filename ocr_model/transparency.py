"""Laying transparent pictures on a background on which their ink shows."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_WHITE, _BLACK, _GREY = 255, 0, 128

_ENOUGH_CONTRAST = 48
"""Steps of luminance, of 255, by which nearly all ink must differ from its background."""

_FAINTEST_SHARE = 0.1
"""Share of the ink that is left out of account: the edges of strokes, and lone noise."""

_ENOUGH_PIXELS = 250_000
"""Of larger pictures a grid of about so many pixels is weighed; all of them would take as long as decoding does."""


def flatten(frames: Sequence[Image.Image]) -> list[NDArray[np.uint8]]:
    """Make frames opaque, all on one background.

    The colour under fully transparent pixels never counts. The background is white for dark ink
    and black for light ink; mid-grey if the ink is both and would vanish in part on either.

    Args:
        frames: RGB or RGBA, of one size.

    Returns:
        (H, W, 3) RGB for each frame.
    """
    if all(frame.mode == "RGB" or frame.getchannel("A").getextrema() == (255, 255) for frame in frames):
        return [np.array(frame.convert("RGB")) for frame in frames]
    rgba = [frame.convert("RGBA") for frame in frames]
    level = _background(np.sum([_ink(frame) for frame in rgba], axis=0))
    canvas = Image.new("RGBA", rgba[0].size, (level, level, level, 255))
    return [np.array(Image.alpha_composite(canvas, frame).convert("RGB")) for frame in rgba]


def _ink(frame: Image.Image) -> NDArray[np.float64]:
    """Weigh each luminance, 0..255, by the opacity of the pixels that have it."""
    step = 1 + math.isqrt(frame.width * frame.height // _ENOUGH_PIXELS)
    sample = frame if step == 1 else Image.fromarray(np.asarray(frame)[::step, ::step].copy())
    luminance = np.asarray(sample.convert("RGB").convert("L")).ravel()
    alpha = np.asarray(sample.getchannel("A")).ravel()
    # Opacity squared: the half-opaque edges of a stroke say less of its colour than its core.
    ink: NDArray[np.float64] = np.bincount(luminance, weights=np.square(alpha, dtype=np.float64), minlength=256).astype(
        np.float64
    )
    return ink


def _background(ink: NDArray[np.float64]) -> int:
    total = ink.sum()
    if total == 0:
        return _WHITE
    mean = float(ink @ np.arange(256)) / total
    preferred = _WHITE if mean < _GREY else _BLACK
    if _contrast(ink, preferred) >= _ENOUGH_CONTRAST:
        return preferred
    return max((preferred, _WHITE, _BLACK, _GREY), key=lambda level: _contrast(ink, level))


def _contrast(ink: NDArray[np.float64], level: int) -> int:
    """Give the distance from ``level`` that all but the faintest share of the ink keeps."""
    distances = np.bincount(np.abs(np.arange(256) - level), weights=ink, minlength=256)
    return int(np.searchsorted(np.cumsum(distances), _FAINTEST_SHARE * ink.sum(), side="right"))
