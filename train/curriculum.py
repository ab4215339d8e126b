"""Easy pictures for the start of a run.

CTC begins on a plateau where the network says nothing at all; short texts in clean styles end it in
a fraction of the steps that the full mix needs.
"""

import numpy as np

from train.synth import Sample, draw
from train.synth.labels import DIGITS, UPPER

EASY_STYLES = ("neat", "segments", "lepture")
_ALPHABETS = {"segments": DIGITS}
_MAX_LENGTH = 5


def draw_easy(rng: np.random.Generator) -> Sample:
    """Draw 3 to 5 digits or capitals in a clean style."""
    style = EASY_STYLES[int(rng.integers(len(EASY_STYLES)))]
    alphabet = _ALPHABETS.get(style, DIGITS + UPPER)
    label = "".join(rng.choice(list(alphabet), size=int(rng.integers(3, _MAX_LENGTH + 1))))
    return draw(rng, style=style, label=label)
