"""Drawn images kept in the memory of the device that trains, for one that trains faster than images are drawn.

A GPU takes tens of thousands of images a second, more than a process could gather and vary one by one. Here every
image that was drawn stays on the device, is chosen and varied there, and the harder ones are chosen more often (after
Selective-Backprop; Jiang et al., 2019, arXiv:1910.00762), by the network in training itself. Which images a step
trains on depends on how fast they were drawn, so such a run resumes, and never repeats exactly.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.normalise import INPUT
from train.augment_batch import augment_batch
from train.errors import TrainingError
from train.settings import DataSettings
from train.shards import Shard, read_shard, remove_shard, remove_shards_before, shard_path
from train.stream import Batch

LONGEST = 12
"""Characters of a text that fit; 10 is the most that is drawn."""

_POLL_S = 0.05


class ResidentImages:
    """A ring of drawn images on a device, and how much each is still worth.

    Args:
        capacity: images it holds; the oldest make room for new ones.
        known_kept: how often an image that is read with certainty is chosen, beside one that is not read at all.
        device: where they lie.
        generator: of the device; all that is random follows from it.

    Attributes:
        drawn: images taken in so far, those that made room included.
        uses: how often each place's image was chosen.
    """

    def __init__(self, capacity: int, *, known_kept: float, device: torch.device, generator: torch.Generator) -> None:
        self.drawn = 0
        self._known_kept = known_kept
        self._generator = generator
        self._images = torch.empty((capacity, *INPUT.shape), dtype=torch.uint8, device=device)
        self._texts = torch.zeros((capacity, LONGEST), dtype=torch.int64, device=device)
        self._lengths = torch.zeros(capacity, dtype=torch.int64, device=device)
        self.uses = torch.zeros(capacity, device=device)
        self._unread = torch.zeros(capacity, device=device)

    def add(self, fresh: Batch) -> None:
        """Take in images as `encoded` gives them; they count as unread until they were tried."""
        device, count = self._images.device, len(fresh.images)
        places = ((torch.arange(count) + self.drawn) % len(self._images)).to(device)
        self._images[places] = fresh.images.to(device, non_blocking=True)
        self._texts[places] = fresh.targets.to(device)
        self._lengths[places] = fresh.lengths.to(device)
        self.uses[places] = 0
        self._unread[places] = 1
        self.drawn += count

    def choose(self, count: int, *, augment: bool) -> Batch:
        """Choose images, the less often used and the less surely read ones with more chance; may repeat one."""
        held = min(self.drawn, len(self._images))
        worth = self._unread[:held].clamp(min=self._known_kept) / (1 + self.uses[:held])
        places = torch.multinomial(worth, count, replacement=True, generator=self._generator)
        self.uses.index_add_(0, places, torch.ones_like(places, dtype=self.uses.dtype))
        images = self._images[places]
        if augment:
            images = augment_batch(images, self._generator)
        # torch wants lengths on the CPU, and waits for them there.
        lengths = self._lengths[places].cpu()
        texts = self._texts[places][:, : int(lengths.max())]

        def learned(losses: Tensor) -> None:
            self._unread[places] = 1 - torch.exp(-losses)

        return Batch(images, texts, lengths, learned)


def encoded(shard: Shard, charset: Charset, *, pinned: bool) -> Batch:
    """Give a shard's images and texts, a row of `LONGEST` each, as tensors of the CPU.

    Args:
        shard: perhaps mapped from disk.
        charset: of the network.
        pinned: where a GPU can copy the images from while it computes.

    Raises:
        TrainingError: a text has more than `LONGEST` characters.
    """
    images = torch.from_numpy(shard.images.copy())
    lengths = torch.tensor([len(label) for label in shard.labels], dtype=torch.int64)
    if int(lengths.max()) > LONGEST:
        raise TrainingError(
            f"A drawn text has {int(lengths.max())} characters; on a device at most {LONGEST} are kept."
        )
    texts = [charset.encode(label) + [0] * (LONGEST - len(label)) for label in shard.labels]
    return Batch(images.pin_memory() if pinned else images, torch.tensor(texts, dtype=torch.int64), lengths)


class ResidentStream:
    """One worker's batches from the images that it keeps on its device.

    Worker ``r`` of ``n`` takes the shards ``r``, ``r + n``, ... as they are drawn. A step waits while its images would
    be used more than ``data.uses`` times in the mean. Once the device is full, a shard waits in turn until as many
    uses were made of those that came since, so that a device slower than the drawing is not left without a processor
    by it. ``data.use_gap`` has no meaning here.

    Args:
        folder: of the shards.
        data: how many images are kept, and how often each is used in the mean.
        batch: images a step for this worker.
        seed: of the choice and of the augmentation.
        device: that trains.
        first: shard to begin with, on every worker.
        rank: this worker, from 0.
        world: number of workers.
        on_round: called with the number of the shard that is awaited; may raise to end the wait.
    """

    def __init__(
        self,
        *,
        folder: Path,
        data: DataSettings,
        batch: int,
        seed: int,
        device: torch.device,
        first: int = 0,
        rank: int = 0,
        world: int = 1,
        on_round: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._data = data
        self._batch = batch
        self._next = first + (rank - first) % world
        self._world = world
        self._on_round = on_round
        self._charset = Charset(BASE_CHARSET)
        self._pinned = device.type == "cuda"
        self._coming: Future[Batch] | None = None
        self._used = 0
        self._used_when_full = 0
        if rank == 0:
            # Drawn for an earlier start and never taken.
            remove_shards_before(folder, first)
        generator = torch.Generator(device).manual_seed(seed + rank)
        self._held = ResidentImages(
            data.resident_images, known_kept=data.known_kept, device=device, generator=generator
        )

    def batches(self, step: int) -> Iterator[Batch]:
        """Yield batches without end; ``step`` does not matter, since nothing of an earlier start is on the device."""
        del step
        # The file of one shard is read while the device computes.
        with ThreadPoolExecutor(1, "resident") as reader:
            while True:
                self._take_in(reader)
                while self._must_wait():
                    time.sleep(_POLL_S)
                    self._take_in(reader)
                self._used += self._batch
                yield self._held.choose(self._batch, augment=self._data.augment)

    def _take_in(self, reader: ThreadPoolExecutor) -> None:
        """Take in the shard that was read meanwhile, and have the next one read if it is drawn and wanted."""
        self._on_round(self._next)
        if self._coming is not None and self._coming.done():
            self._held.add(self._coming.result())
            self._coming = None
            if self._held.drawn <= self._data.resident_images:
                self._used_when_full = self._used
        if self._coming is None and self._wants_more() and shard_path(self._folder, self._next).exists():
            self._coming = reader.submit(self._read, self._next)
            self._next += self._world

    def _must_wait(self) -> bool:
        return self._used + self._batch > self._held.drawn * self._data.uses

    def _wants_more(self) -> bool:
        since_full = self._held.drawn - self._data.resident_images
        return self._must_wait() or since_full * self._data.uses <= self._used - self._used_when_full

    def _read(self, number: int) -> Batch:
        fresh = encoded(read_shard(self._folder, number), self._charset, pinned=self._pinned)
        remove_shard(self._folder, number)
        return fresh
