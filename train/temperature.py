"""One number that makes confidences honest: the temperature (Guo et al., 2017, arXiv:1706.04599)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.constraint import NO_CONSTRAINT
from ocr_model.ctc import decode_all, told_probabilities

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
    count = len(labels)
    free = [NO_CONSTRAINT] * count
    texts = [reading.text for reading in decode_all(log_probs, charset, free, [1.0] * count)]
    right = [text == label for text, label in zip(texts, labels, strict=True)]
    # What is read does not depend on the temperature: only the confidences have to be told anew.
    losses = [
        _log_loss(told_probabilities(log_probs, texts, charset, free, [candidate] * count), right)
        for candidate in _CANDIDATES
    ]
    return round(float(_CANDIDATES[int(np.argmin(losses))]), 3)


def _log_loss(confidences: Sequence[float], right: Sequence[bool]) -> float:
    chances = np.where(right, confidences, 1 - np.asarray(confidences))
    return float(-np.log(chances.clip(min=_SMALLEST)).mean())
