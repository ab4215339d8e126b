"""The golden set: drawn images, out of any caller's reach, that a candidate must still read."""

import numpy as np

from ocr_model.charset import Charset
from ocr_model.normalise import INPUT, normalise
from train.finetune.examples import Examples
from train.synth.styles import draw, usable_styles

_SEED = 71_900_223
"""Of this set alone: no training, and no choice within one, draws from it."""

_REHEARSAL_SEED = 71_900_224


def golden_set(images: int, charset: Charset) -> Examples:
    """Draw the set: as many images of each style, with characters that the serving model knows.

    Args:
        images: how many.
        charset: of the serving model; what it cannot write, it cannot forget.
    """
    return _balanced(images, charset, [_SEED])


def rehearsal_set(images: int, charset: Charset, *, seed: int, number: int) -> Examples:
    """Draw images like the golden ones, and others for each seed and number: what a retrain may choose by.

    On images drawn as often as a training draws them, the same network loses less than on the golden set,
    which holds as many of each style.
    """
    return _balanced(images, charset, [_REHEARSAL_SEED, seed, number])


def _balanced(images: int, charset: Charset, seed: list[int]) -> Examples:
    styles = usable_styles()
    pixels = np.empty((images, *INPUT.shape), dtype=np.uint8)
    labels: list[str] = []
    attempt = 0
    while len(labels) < images:
        number, attempt = attempt, attempt + 1
        sample = draw(np.random.default_rng([*seed, number]), style=styles[number % len(styles)])
        if all(character in charset for character in sample.label):
            pixels[len(labels)] = normalise(sample.image)
            labels.append(sample.label)
    return Examples(pixels, labels, list(range(images)))
