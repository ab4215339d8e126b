"""One number that makes confidences honest: the temperature (Guo et al., 2017, arXiv:1706.04599)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.ctc import decode

_CANDIDATES = np.exp(np.linspace(math.log(0.5), math.log(4.0), 25))
_SMALLEST = 1e-6


def fit_temperature(log_probs: NDArray[np.float32], labels: Sequence[str], charset: Charset) -> float:
    """Find the temperature whose confidences tell best which answers are right (least log loss).

    Args:
        log_probs: (N, T, C) of held-out images.
        labels: their N texts.
        charset: C - 1 characters.

    Returns:
        0.5 to 4; above 1 where the network is too sure of itself.
    """
    losses = [_log_loss(log_probs, labels, charset, float(candidate)) for candidate in _CANDIDATES]
    return round(float(_CANDIDATES[int(np.argmin(losses))]), 3)


def _log_loss(log_probs: NDArray[np.float32], labels: Sequence[str], charset: Charset, temperature: float) -> float:
    total = 0.0
    for columns, label in zip(log_probs, labels, strict=True):
        reading = decode(columns, charset, temperature=temperature)
        chance = reading.confidence if reading.text == label else 1 - reading.confidence
        total -= math.log(max(_SMALLEST, chance))
    return total / len(labels)
