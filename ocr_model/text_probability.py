"""How probable texts are under CTC outputs: the forward algorithm (Graves et al., 2006, section 4.1), many at once.

Numpy takes nearly as long for a step of one text as of sixteen, so a batch is gone through together.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import BLANK_INDEX


def text_probabilities(
    columns: Sequence[NDArray[np.float32]], texts: Sequence[NDArray[np.intp]]
) -> NDArray[np.float64]:
    """Sum, for each of N texts, the probability of every path that reads so.

    Args:
        columns: N log-probabilities (T, C); T is the same for all, C may differ.
        texts: the classes of each text, without blanks.

    Returns:
        (N,) in 0..1; a probability too small for double precision is 0.
    """
    if not texts:
        return np.zeros(0)
    labels = _labels(texts)
    emitted = np.array([each[:, row] for each, row in zip(columns, labels, strict=True)], dtype=np.float64)
    # Labels before texts, so that each shift along the labels is one block of memory.
    emitted = np.ascontiguousarray(np.exp(emitted).transpose(1, 2, 0))
    skips = _skips(labels)
    # Two labels before the first that no path reaches.
    forward = np.zeros((labels.shape[1] + 2, len(texts)))
    two_before, before, here = forward[:-2], forward[1:-1], forward[2:]
    here[:2] = emitted[0, :2]
    entering = np.empty_like(here)
    for column in emitted[1:]:
        # No matrix product: its order of summation, and so the last bit, hangs on the longest text of the batch.
        np.multiply(skips, two_before, out=entering)
        np.add(entering, before, out=entering)
        np.add(entering, here, out=entering)
        np.multiply(entering, column, out=here)
    # A path ends with its last character or with a blank past it.
    last, each = 2 * np.array([len(text) for text in texts]), np.arange(len(texts))
    probabilities: NDArray[np.float64] = np.minimum(1.0, here[last, each] + before[last, each])
    return probabilities


def text_probability(log_probs: NDArray[np.float32], classes: NDArray[np.intp]) -> float:
    """Give the probability of one text.

    Args:
        log_probs: (T, C).
        classes: the text, without blanks.
    """
    return float(text_probabilities([log_probs], [classes])[0])


def _labels(texts: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Give each text with a blank before, between and after its characters, and blanks to the length of the longest."""
    labels = np.full((len(texts), 2 * max(map(len, texts)) + 1), BLANK_INDEX, dtype=np.intp)
    for row, text in zip(labels, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text
    return labels


def _skips(labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give the labels, (L, N), before which a blank may be left out: characters that differ from the one before."""
    skips = np.zeros(labels.T.shape)
    skips[3::2] = (labels[:, 3::2] != labels[:, 1:-2:2]).T
    return skips
