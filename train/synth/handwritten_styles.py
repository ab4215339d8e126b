"""A style family of digits that people wrote by hand.

The shapes are the 1,797 digits of 13 writers in scikit-learn's copy of "Optical Recognition of Handwritten Digits"
(Alpaydin & Kaynak, 1998, UCI Machine Learning Repository, CC BY 4.0): 8x8 pixels of 0 to 16, made strokes again here.
"""

import functools
import random
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from train.synth import compose, warps
from train.synth.colours import BLACK, WHITE
from train.synth.glyphs import Glyph, turned
from train.synth.layout import set_glyphs
from train.synth.penned_styles import penned
from train.synth.sample import Dice

_FULL = 16
_DRAWN_PX = 64


def handwritten(dice: Dice, label: str) -> Image.Image:
    """Digits as people write them, often white on black as scanned sets are; a label with letters is `penned`."""
    if not label.isdigit():
        return penned(dice, label)
    made = compose.scene(dice, label, same_ink=0.9)
    if dice.chance(0.5):
        paper, pen = (BLACK, WHITE) if dice.chance(0.6) else (WHITE, BLACK)
        made.background, made.inks = paper, [pen] * len(label)
    height = dice.randint(36, 120)
    cap = height * dice.uniform(0.42, 0.8)
    made.change(
        height_px=height,
        width_px=round(cap * len(label) * dice.uniform(0.5, 1.1)),
        cap_px=cap,
        gap=dice.uniform(-0.06, 0.3),
        gap_spread=dice.choice((0.0, 0.08)),
        lift=dice.choice((0.0, 0.08, 0.2)),
        cells=dice.chance(0.3),
    )
    text = set_glyphs(dice, _line(dice, label, cap), made.setting)
    if dice.chance(0.5):
        text.mask = warps.elastic(dice, text.mask.size, dice.uniform(0.3, 1.0)).mask(text.mask)
    if dice.chance(0.3):
        text.mask = text.mask.filter(ImageFilter.BoxBlur(cap * dice.uniform(0.0, 0.04)))
    image = compose.any_background_for(dice, text, made.background)
    image = compose.painted(dice, text, image, made.inks, None)
    if dice.chance(0.35):
        image = compose.any_clutter(dice, image, made.inks, cap)
    return compose.finished(dice, image)


def _line(dice: Dice, label: str, cap_px: float) -> list[Glyph]:
    """Write the digits with one pen, each slanted, turned and as large as it comes."""
    spread, angle, slant = dice.choice((0.0, 0.12, 0.35)), dice.choice((0.0, 8.0, 20.0)), dice.choice((0.0, 0.3))
    stretch, cut = dice.uniform(0.75, 1.2), dice.uniform(0.28, 0.6)
    line = []
    for digit in label:
        scale = cap_px * (1 - dice.uniform(0, spread)) / _DRAWN_PX
        written = _written(dice, digit, cut)
        line.append(turned(written, scale * stretch, scale, dice.uniform(-angle, angle), dice.uniform(-slant, slant)))
    return line


def _written(dice: Dice, digit: str, cut: float) -> Glyph:
    """Give one of the digit's shapes, its strokes thicker the lower ``cut``, 0..1, is."""
    small = Image.fromarray(dice.choice(_shapes()[digit]))
    shape = np.asarray(small.resize((_DRAWN_PX, _DRAWN_PX), Image.Resampling.BICUBIC), np.float32) / 255
    mask = Image.fromarray((np.clip((shape - cut) * 6 + 0.5, 0, 1) * 255).astype(np.uint8))
    box = mask.getbbox() or (0, 0, _DRAWN_PX, _DRAWN_PX)
    mask = mask.crop(box)
    return Glyph(mask, 0.0, float(-mask.height), float(mask.width))


@functools.lru_cache(maxsize=1)
def _shapes() -> Mapping[str, list[NDArray[np.uint8]]]:
    """All shapes by digit: uint8 (10, 10), 255 where the pen was, with a rim of paper."""
    state = random.getstate()
    from sklearn.datasets import load_digits  # noqa: PLC0415 - optional dependency

    # Something that it imports draws a number for itself.
    random.setstate(state)
    digits = load_digits()
    shapes: dict[str, list[NDArray[np.uint8]]] = {str(digit): [] for digit in range(10)}
    for image, digit in zip(digits.images, digits.target, strict=True):
        shapes[str(digit)].append(np.pad((image * (255 / _FULL)).astype(np.uint8), 1))
    return shapes
