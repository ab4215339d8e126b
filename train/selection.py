"""Leaves out most of the drawn images that a model reads already.

Half of all drawn images cause a fiftieth of a trained network's loss and half of its cost. Each is kept with the
probability that the model gives to anything but its true text, after Selective-Backprop (Jiang et al., 2019,
arXiv:1910.00762). There the network in training judges; here it is the one that the run starts from, so that shards
stay a pure function of the run's settings.
"""

import numpy as np

from ocr_model.normalise import normalise
from ocr_model.reader import Reader
from train.errors import TrainingError
from train.shards import Draw
from train.synth.sample import Sample

_MOST_DRAWN = 1000
"""Images drawn for one that is kept, at most: a model that reads everything has nothing to learn from them."""


class Selection:
    """Draws with another function until an image comes that is worth training on.

    Args:
        draw: the other function.
        reader: of the model that judges.
        known_kept: share, 0..1, that is kept of the images that the model reads with certainty.
    """

    def __init__(self, draw: Draw, reader: Reader, *, known_kept: float) -> None:
        self._draw = draw
        self._reader = reader
        self._known_kept = known_kept

    def __call__(self, rng: np.random.Generator) -> Sample:
        """Draw one image; the same for the same ``rng``.

        Raises:
            TrainingError: the model reads all that is drawn.
        """
        for _ in range(_MOST_DRAWN):
            sample = self._draw(rng)
            if rng.random() < max(self._known_kept, 1 - self._probability(sample)):
                return sample
        raise TrainingError(f"The model reads all of {_MOST_DRAWN} drawn images; raise data.known_kept.")

    def _probability(self, sample: Sample) -> float:
        """Tell how probable the model holds the true text to be, 0..1."""
        ((_, probability),) = self._reader.examine(normalise(sample.image)[np.newaxis], [sample.label])
        return probability
