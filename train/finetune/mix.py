"""What a retrain's steps train on: posted examples and drawn ones, side by side in every batch."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ocr_model.charset import Charset
from train.augment import augment
from train.finetune.examples import Examples
from train.finetune.splice import Picture, Splicer
from train.stream import Batch, collate


class Mix:
    """Joins batches of drawn images with posted examples; each posted one comes once an epoch.

    Args:
        examples: the posted ones trained on.
        charset: of the network.
        replay: gives batches of drawn images, from a step on.
        posted: posted images of each batch.
        spliced: share (0..1) of these that are put together anew, once there is a splicer.
        seed: of order and augmentation.
    """

    def __init__(
        self,
        examples: Examples,
        charset: Charset,
        *,
        replay: Callable[[int], Iterator[Batch]],
        posted: int,
        spliced: float,
        seed: int,
    ) -> None:
        self._examples = examples
        self._texts = [charset.encode(label) for label in examples.labels]
        self._replay = replay
        self._posted = posted
        self._spliced = spliced
        self._splicer: Splicer | None = None
        self._seed = seed
        self._trusted = np.arange(len(self._texts))
        self._order: tuple[int, NDArray[np.int64]] = (-1, self._trusted)

    def trust(self, rows: list[int], splicer: Splicer | None) -> None:
        """Train from now on on these rows alone, and on what the splicer makes of them."""
        self._trusted = np.asarray(rows, dtype=np.int64)
        self._order = (-1, self._trusted)
        self._splicer = splicer

    def batches(self, step: int) -> Iterator[Batch]:
        """Yield the batches of ``step`` and all after it, without end."""
        for drawn in self._replay(step):
            own = self._own(step)
            yield Batch(
                torch.cat([own.images, drawn.images]),
                torch.cat([own.targets, drawn.targets]),
                torch.cat([own.lengths, drawn.lengths]),
            )
            step += 1

    def _own(self, step: int) -> Batch:
        first = step * self._posted
        rows = [self._row(place) for place in range(first, first + self._posted)]
        rng = np.random.default_rng([self._seed, 1, step])
        pictures = [self._picture(row, rng) for row in rows]
        images = augment(np.stack([pixels for pixels, _ in pictures]), rng)
        return collate(images, [text for _, text in pictures])

    def _picture(self, row: int, rng: np.random.Generator) -> Picture:
        if self._splicer is not None and rng.random() < self._spliced:
            return self._splicer.splice(row, rng)
        return self._examples.pixels[row], self._texts[row]

    def _row(self, place: int) -> int:
        epoch, within = divmod(place, len(self._trusted))
        if self._order[0] != epoch:
            self._order = (epoch, np.random.default_rng([self._seed, 0, epoch]).permutation(self._trusted))
        return int(self._order[1][within])
