"""A text likelier than the best path's: prefix search over a CTC output (Graves et al., 2006, section 3.2).

A text's probability is the sum over its paths, so the best path may read as a text that is not the
likeliest. Prefixes of texts are grown column by column, and only the likeliest few kept.
"""

import heapq

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import BLANK_INDEX

_WIDTH = 4
"""Prefixes kept; with 24, and a floor of 1e-4, 1,200 images gave nearly the same texts 20 times as slowly."""

_FLOOR = 0.01
"""A character less probable than this in a column does not begin there."""

_Prefixes = dict[tuple[int, ...], tuple[float, float]]
"""Probability of each prefix's paths that end in a blank, and of those that end in its last character."""


def likely_text(log_probs: NDArray[np.float32]) -> NDArray[np.intp]:
    """Search the likeliest text; not always found, as only a few prefixes are followed.

    Args:
        log_probs: (T, C).

    Returns:
        Its classes, without blanks.
    """
    probabilities = np.exp(log_probs.astype(np.float64))
    beginning: list[list[int]] = [[] for _ in probabilities]
    for column, index in np.argwhere(probabilities > _FLOOR).tolist():
        if index != BLANK_INDEX:
            beginning[column].append(index)
    prefixes: _Prefixes = {(): (1.0, 0.0)}
    for row, begins in zip(probabilities.tolist(), beginning, strict=True):
        prefixes = _grown(prefixes, row, begins)
        if len(prefixes) > _WIDTH:
            best = heapq.nlargest(_WIDTH, prefixes.items(), key=lambda item: sum(item[1]))
            prefixes = dict(best)
    return np.array(max(prefixes, key=lambda prefix: sum(prefixes[prefix])), dtype=np.intp)


def _grown(prefixes: _Prefixes, row: list[float], begins: list[int]) -> _Prefixes:
    """Add one column: each prefix stays, or goes on with one of the characters that begin there."""
    grown: _Prefixes = {}
    for prefix, (blank, character) in prefixes.items():
        last = prefix[-1] if prefix else BLANK_INDEX
        both = blank + character
        before = grown.get(prefix, (0.0, 0.0))
        grown[prefix] = (before[0] + both * row[BLANK_INDEX], before[1] + character * row[last])
        for index in begins:
            longer = (*prefix, index)
            before = grown.get(longer, (0.0, 0.0))
            # After itself a character begins anew only past a blank.
            grown[longer] = (before[0], before[1] + (blank if index == last else both) * row[index])
    return grown
