"""What a retrain's steps train on: posted examples and drawn ones, side by side in every batch."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ocr_model.charset import Charset
from train.augment import augment, jiggle
from train.finetune.examples import Examples
from train.finetune.splice import Picture, Splicer
from train.stream import Batch, collate


class Turns:
    """Rows in turn, each once an epoch, in another order each time."""

    def __init__(self, rows: Sequence[int], seed: Sequence[int]) -> None:
        self._rows = np.asarray(rows, dtype=np.int64)
        self._seed = list(seed)
        self._order: tuple[int, NDArray[np.int64]] = (-1, self._rows)

    def at(self, place: int) -> int:
        """Give the row at a place, counted from 0 over all epochs."""
        epoch, within = divmod(place, len(self._rows))
        if self._order[0] != epoch:
            self._order = (epoch, np.random.default_rng([*self._seed, epoch]).permutation(self._rows))
        return int(self._order[1][within])


class Mix:
    """Joins batches of drawn images with posted examples; each posted one comes once an epoch.

    Args:
        examples: the posted ones trained on.
        memory: examples of earlier retrains, may be none.
        charset: of the network.
        replay: gives batches of drawn images, from a step on.
        posted: posted images of each batch.
        remembered: examples of earlier retrains of each batch, where there are any.
        spliced: share (0..1) of the posted ones that are put together anew, once there is a splicer.
        jiggled: share (0..1) of the posted ones, spliced or not, that are turned, sheared and shrunk a little.
        seed: of order and augmentation.
    """

    def __init__(
        self,
        examples: Examples,
        charset: Charset,
        *,
        memory: Examples,
        replay: Callable[[int], Iterator[Batch]],
        posted: int,
        remembered: int,
        spliced: float,
        jiggled: float,
        seed: int,
    ) -> None:
        self._examples = examples
        self._texts = [charset.encode(label) for label in examples.labels]
        self._memory = memory
        self._memory_texts = [charset.encode(label) for label in memory.labels]
        self._memory_turns = Turns(range(len(memory.labels)), [seed, 2])
        self._remembered = remembered if memory.labels else 0
        self._replay = replay
        self._posted = posted
        self._spliced = spliced
        self._jiggled = jiggled
        self._splicer: Splicer | None = None
        self._seed = seed
        self._turns = Turns(range(len(self._texts)), [seed, 0])

    def trust(self, rows: list[int], splicer: Splicer | None) -> None:
        """Train from now on on these rows alone, and on what the splicer makes of them."""
        self._turns = Turns(rows, [self._seed, 0])
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
        rng = np.random.default_rng([self._seed, 1, step])
        places = range(step * self._posted, (step + 1) * self._posted)
        pictures = [self._picture(self._turns.at(place), rng) for place in places]
        again = range(step * self._remembered, (step + 1) * self._remembered)
        rows = [self._memory_turns.at(place) for place in again]
        pictures += [(self._memory.pixels[row], self._memory_texts[row]) for row in rows]
        images = augment(np.stack([pixels for pixels, _ in pictures]), rng)
        return collate(images, [text for _, text in pictures])

    def _picture(self, row: int, rng: np.random.Generator) -> Picture:
        pixels, text = self._examples.pixels[row], self._texts[row]
        if self._splicer is not None and rng.random() < self._spliced:
            pixels, text = self._splicer.splice(row, rng)
        return (jiggle(pixels, rng) if rng.random() < self._jiggled else pixels), text
