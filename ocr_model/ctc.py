"""From log-probabilities per column to a text (CTC; Graves et al., 2006)."""

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import BLANK_INDEX, Charset
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.reading import Reading


def decode(log_probs: NDArray[np.float32], charset: Charset, constraint: Constraint = NO_CONSTRAINT) -> Reading:
    """Read the most probable path; `ocr_model.charset.BLANK_INDEX` separates repeats.

    Args:
        log_probs: (T, C) natural logarithms; each column sums to one when exponentiated.
        charset: C - 1 characters.
        constraint: which texts are allowed.
    """
    best = log_probs.argmax(axis=1)
    # Repeats are merged before blanks are dropped; the other way round "AA" can never be read.
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    indices = best[starts]
    peaks = np.exp(np.maximum.reduceat(log_probs.max(axis=1), starts))
    shown = indices != BLANK_INDEX
    return Reading(
        text=charset.decode(indices[shown].tolist()),
        confidence=float(np.exp(log_probs.max(axis=1).sum())),
        character_confidences=tuple(peaks[shown].tolist()),
    )
