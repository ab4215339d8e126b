"""Which images each step trains on: a pure function of the step, so that a run resumes exactly.

Round ``r`` trains on the fresh shard ``r`` and on the older shards ``r - g``, ``r - 2 g``, ... (``g``
is the gap), each of which thus serves ``uses`` times. A round's images are shuffled and cut into
batches; the few left over wait for their shard's next use.
"""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.normalise import INPUT
from train.augment import augment
from train.errors import TrainingError
from train.settings import DataSettings
from train.shards import Shard, read_shard, remove_shard, shard_path

logger = logging.getLogger(__name__)

_POLL_S = 0.25


class Batch(NamedTuple):
    """One worker's share of a step.

    Attributes:
        images: uint8 (N, 48, 160, 3).
        targets: int64, the class indices of all texts: in a row (sum of lengths,), or a row each (N, longest).
        lengths: int64 (N,) on the CPU, characters of each text.
        learned: takes the images' negative log-likelihoods (N,) of this step, if whoever chose them wants to know.
    """

    images: Tensor
    targets: Tensor
    lengths: Tensor
    learned: Callable[[Tensor], None] | None = None


class Position(NamedTuple):
    """Where a step stands: the round and the batch within it."""

    round: int
    batch: int


class Plan:
    """The arithmetic of rounds.

    Args:
        data: sizes of shards and how often they are used.
        step_images: images of one step, over all workers.

    Raises:
        TrainingError: a shard does not fill one step.
    """

    def __init__(self, data: DataSettings, step_images: int) -> None:
        if data.shard_images < step_images:
            raise TrainingError(f"A shard of {data.shard_images} images is less than a step's {step_images}.")
        self._data = data
        self._step_images = step_images

    def shards(self, round_number: int) -> list[int]:
        """List the shards of a round, the fresh one first."""
        numbers = (round_number - use * self._data.use_gap for use in range(self._data.uses))
        return [number for number in numbers if number >= 0]

    def batches(self, round_number: int) -> int:
        """Count the whole steps of a round."""
        return len(self.shards(round_number)) * self._data.shard_images // self._step_images

    def position(self, step: int) -> Position:
        """Find the round and batch of ``step``, counted from 0."""
        round_number = 0
        while step >= (batches := self.batches(round_number)):
            step -= batches
            round_number += 1
        return Position(round_number, step)

    def spent(self, round_number: int) -> int:
        """Give the shard whose last use was in the round before ``round_number``; may be negative."""
        return round_number - 1 - self._data.kept_rounds


class Stream:
    """Reads one worker's batches, from any step on.

    Args:
        folder: of the shards.
        data: how they are used.
        batch: images a step for this worker.
        seed: of the order and of the augmentation.
        rank: this worker, from 0.
        world: number of workers.
        on_round: called with a round's number before its shards are awaited; may raise to end the wait.
        charset: of the network; knows every character of the shards.
    """

    def __init__(
        self,
        *,
        folder: Path,
        data: DataSettings,
        batch: int,
        seed: int,
        rank: int = 0,
        world: int = 1,
        on_round: Callable[[int], None] = lambda _: None,
        charset: Charset | None = None,
    ) -> None:
        self._folder = folder
        self._data = data
        self._batch = batch
        self._seed = seed
        self._rank = rank
        self._world = world
        self._on_round = on_round
        self._charset = charset or Charset(BASE_CHARSET)
        self.plan = Plan(data, batch * world)

    def batches(self, step: int) -> Iterator[Batch]:
        """Yield the batches of ``step`` and all after it, without end."""
        round_number, batch = self.plan.position(step)
        while True:
            shards = self._open(round_number)
            order = np.random.default_rng([self._seed, round_number]).permutation(len(shards) * self._data.shard_images)
            for number in range(batch, self.plan.batches(round_number)):
                start = (number * self._world + self._rank) * self._batch
                rng = np.random.default_rng([self._seed, round_number, number, self._rank])
                yield self._gather(shards, order[start : start + self._batch], rng)
            round_number, batch = round_number + 1, 0
            if self._rank == 0:
                remove_shard(self._folder, self.plan.spent(round_number))

    def wait(self, step: int) -> None:
        """Wait until the images of ``step`` are drawn: the first shards of a run, and what drawing them needs."""
        self._open(self.plan.position(step).round)

    def _open(self, round_number: int) -> list[Shard]:
        """Map the shards of a round, waiting for those that are still being drawn."""
        self._on_round(round_number)
        shards = []
        for number in self.plan.shards(round_number):
            while not shard_path(self._folder, number).exists():
                time.sleep(_POLL_S)
                self._on_round(round_number)
            shard = read_shard(self._folder, number)
            if len(shard.labels) != self._data.shard_images:
                raise TrainingError(
                    f"Shard {number} holds {len(shard.labels)} images, the settings say "
                    f"{self._data.shard_images}; remove the shards."
                )
            shards.append(shard)
        return shards

    def _gather(self, shards: list[Shard], order: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        images = np.empty((len(order), *INPUT.shape), dtype=np.uint8)
        texts: list[list[int]] = []
        for i, index in enumerate(order):
            shard, row = divmod(int(index), self._data.shard_images)
            images[i] = shards[shard].images[row]
            texts.append(self._charset.encode(shards[shard].labels[row]))
        if self._data.augment:
            images = augment(images, rng)
        return collate(images, texts)


def collate(images: NDArray[np.uint8], texts: list[list[int]]) -> Batch:
    """Put images and encoded texts into the tensors of a batch."""
    return Batch(torch.from_numpy(images), *in_a_row(texts))


def in_a_row(texts: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Give the class indices of all texts in a row, and the length of each."""
    targets = torch.tensor([index for text in texts for index in text], dtype=torch.int64)
    return targets, torch.tensor([len(text) for text in texts], dtype=torch.int64)
