"""The table of style families and the one function that draws a sample."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from types import MappingProxyType

import numpy as np
from PIL import Image

from train.synth import (
    block_styles,
    contour_styles,
    covered_styles,
    disc_styles,
    handwritten_styles,
    package_styles,
    penned_styles,
    plain_styles,
    scattered_styles,
    struck_styles,
    worn_styles,
)
from train.synth.labels import DIGITS, MAX_LENGTH, UPPER, draw_label
from train.synth.sample import Dice, Sample


@dataclasses.dataclass(frozen=True, slots=True)
class Style:
    """A style family.

    Attributes:
        draw: Paints a label.
        weight: How often it comes, relative to the others.
        alphabet: Characters of its random labels; any alphabet when None.
        max_length: Most characters that stay legible once the image is scaled to the network's input.
        package: The package it needs; families whose package is missing are left out of the mix.
    """

    draw: Callable[[Dice, str], Image.Image]
    weight: float
    alphabet: str | None = None
    package: str | None = None
    max_length: int = MAX_LENGTH


STYLES: Mapping[str, Style] = MappingProxyType({
    "mixed": Style(plain_styles.mixed, 22),
    "neat": Style(plain_styles.neat, 4),
    "wave": Style(plain_styles.wave, 6),
    "tiny": Style(plain_styles.tiny, 8),
    "tilted": Style(plain_styles.tilted, 4, max_length=8),
    "roomy": Style(scattered_styles.roomy, 12, max_length=7),
    "crowd": Style(scattered_styles.crowd, 7, max_length=8),
    "uneven": Style(scattered_styles.uneven, 6, max_length=7),
    "penned": Style(penned_styles.penned, 5, max_length=8),
    "handwritten": Style(handwritten_styles.handwritten, 5, DIGITS, "sklearn", max_length=8),
    "outline": Style(contour_styles.outline, 7),
    "shadow": Style(contour_styles.shadow, 4),
    "block": Style(contour_styles.block_letters, 7),
    "snowed": Style(covered_styles.snowed, 7),
    "scraps": Style(covered_styles.scraps, 6, max_length=8),
    "struck": Style(struck_styles.struck, 11),
    "pattern": Style(worn_styles.pattern, 5),
    "inverse": Style(worn_styles.inverse, 1.5),
    "grain": Style(worn_styles.grain, 0.7),
    "relief": Style(worn_styles.relief, 0.5),
    "boxes": Style(block_styles.boxes, 2.5),
    "bitmap": Style(block_styles.bitmap, 7),
    "discs": Style(disc_styles.discs, 3),
    "segments": Style(block_styles.segments, 0.8, DIGITS),
    "lepture": Style(package_styles.lepture, 14, package="captcha", max_length=8),
    "claptcha": Style(package_styles.claptcha, 7, package="claptcha"),
    "wheezy": Style(package_styles.wheezy, 6, package="wheezy"),
    "multicolor": Style(package_styles.multicolor, 14, DIGITS + UPPER, "multicolorcaptcha", max_length=5),
})  # fmt: skip


@functools.lru_cache(maxsize=1)
def usable_styles() -> tuple[str, ...]:
    """Name the families whose package, if they need one, is installed."""
    return tuple(n for n, s in STYLES.items() if s.package is None or find_spec(s.package) is not None)


def _weights() -> tuple[float, ...]:
    return tuple(STYLES[name].weight for name in usable_styles())


def draw(rng: np.random.Generator, *, style: str | None = None, label: str | None = None) -> Sample:
    """Draw one training image.

    Args:
        rng: The only source of chance: the same state gives the same sample.
        style: A name in STYLES; any, by weight, when left out.
        label: The text; drawn at random when left out.

    Raises:
        KeyError: if there is no such style.
    """
    dice = Dice(rng)
    name = style or dice.choices(usable_styles(), _weights())[0]
    family = STYLES[name]
    text = label or draw_label(dice, family.alphabet, max_length=family.max_length)
    image = family.draw(dice, text)
    return Sample(image=np.array(image.convert("RGB")), label=text, style=name)
