"""What a drawn training image is."""

import dataclasses
import random

import numpy as np
from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """One drawn image.

    Attributes:
        image: (height, width, 3) uint8 RGB.
        label: The exact text, 3 to 10 of 0-9A-Za-z.
        style: Name of the style family that drew it.
    """

    image: NDArray[np.uint8]
    label: str
    style: str


class Dice(random.Random):
    """Random scalars and, for whole arrays, the numpy generator they were seeded from.

    A numpy generator takes microseconds for a single number, `random.Random` a tenth of that; a drawing needs
    hundreds of single numbers.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__(int(rng.integers(1 << 62)))
        self.arrays = rng

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self.random() < probability

    def span(self, low: float, high: float) -> int:
        """Return a whole number of low..high, both ends included."""
        return self.randint(round(low), round(high))
