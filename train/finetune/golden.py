"""The golden set: drawn images, out of any caller's reach, that a candidate must still read."""

import numpy as np

from ocr_model.charset import Charset
from ocr_model.normalise import INPUT, normalise
from train.finetune.examples import Examples
from train.synth.styles import draw, usable_styles

_SEED = 71_900_223
"""Of this set alone: no training, and no choice within one, draws from it."""


def golden_set(images: int, charset: Charset) -> Examples:
    """Draw the set: as many images of each style, with characters that the serving model knows.

    Args:
        images: how many.
        charset: of the serving model; what it cannot write, it cannot forget.
    """
    styles = usable_styles()
    pixels = np.empty((images, *INPUT.shape), dtype=np.uint8)
    labels: list[str] = []
    attempt = 0
    while len(labels) < images:
        number, attempt = attempt, attempt + 1
        sample = draw(np.random.default_rng([_SEED, number]), style=styles[number % len(styles)])
        if all(character in charset for character in sample.label):
            pixels[len(labels)] = normalise(sample.image)
            labels.append(sample.label)
    return Examples(pixels, labels, list(range(images)))
