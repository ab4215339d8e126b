"""Processes that draw shards ahead of the training, at the lowest priority."""

import importlib
import logging
import multiprocessing
import os
import time
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, Self

import numpy as np

from train.courtesy import Courtesy
from train.errors import TrainingError
from train.priority import give_way
from train.settings import DataSettings
from train.shards import Draw, draw_shard, shard_path, write_shard
from train.synth.sample import Sample

logger = logging.getLogger(__name__)


class DrawNames(NamedTuple):
    """The drawing functions as ``module:name``: a name crosses to a process, a closure may not.

    Attributes:
        full: draws the images of the run and of the held-out set.
        easy: draws the first shards.
    """

    full: str = "train.synth:draw"
    easy: str = "train.curriculum:draw_easy"


_POLL_S = 0.5


class Counter(Protocol):
    """A whole number that several processes see."""

    value: int


def find_draw(name: str) -> Draw:
    """Import a drawing function by its ``module:name``.

    Raises:
        TrainingError: there is none of this name.
    """
    module, _, attribute = name.partition(":")
    try:
        draw: Draw = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as e:
        raise TrainingError(f"There is no drawing function {name!r}.") from e
    return draw


def pausing(draw: Draw) -> Draw:
    """Draw the same, and pause after each picture where others want the processor."""
    courtesy = Courtesy()

    def drawn(rng: np.random.Generator) -> Sample:
        sample = draw(rng)
        courtesy.pause()
        return sample

    return drawn


class DrawingPool:
    """Draws shards 0, 1, 2, ... into a folder, at most ``data.ahead`` beyond the round in training.

    Shards that are there already are left as they are, so a restart goes on where it was.

    Args:
        folder: where shards lie; made if missing.
        names: of the drawing functions.
        seed: of the images.
        data: sizes and numbers.
        first: the round that training starts at.
        courteous: pause where others want the processor.
        judge: folder of the model that tells which images are read already; none: all are kept.
    """

    def __init__(
        self,
        *,
        folder: Path,
        names: DrawNames,
        seed: int,
        data: DataSettings,
        first: int,
        courteous: bool = False,
        judge: Path | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        context = multiprocessing.get_context("spawn")
        self.round: Counter = context.Value("q", first)
        # A run that resumes after its older shards were cleared needs those of its first round again. By the time they
        # are drawn, one worker may be further, having found its own on disk, while another waits for one that is not.
        start = max(0, first - data.kept_rounds)
        self._processes: list[SpawnProcess] = [
            context.Process(
                target=_draw_shards,
                name=f"draw-{i}",
                args=(folder, names, seed, data, start + i, self.round, courteous, judge),
                daemon=True,
            )
            for i in range(data.drawers)
        ]

    def check(self) -> None:
        """Make sure that shards will still come.

        Raises:
            TrainingError: a process that draws has ended.
        """
        if any(process.exitcode is not None for process in self._processes):
            raise TrainingError("A process that draws training images has ended; its log says why.")

    def __enter__(self) -> Self:
        for process in self._processes:
            process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()


def _draw_shards(
    folder: Path,
    names: DrawNames,
    seed: int,
    data: DataSettings,
    number: int,
    current: Counter,
    courteous: bool,
    judge: Path | None,
) -> None:
    """Draw every ``data.drawers``-th shard from ``number`` on, for ever; ends with the process that started it."""
    give_way()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(processName)s %(message)s")
    full, easy = find_draw(names.full), find_draw(names.easy)
    if judge is not None and data.known_kept < 1:
        # A retrain draws too and judges nothing: its start need not pay for ONNX Runtime.
        from ocr_model.reader import Reader  # noqa: PLC0415
        from train.selection import Selection  # noqa: PLC0415

        full = Selection(full, Reader.load(judge), known_kept=data.known_kept)
    if courteous:
        full, easy = pausing(full), pausing(easy)
    parent = os.getppid()
    while os.getppid() == parent:
        if number > current.value + data.ahead:
            time.sleep(_POLL_S)
            continue
        if not shard_path(folder, number).exists():
            start_s = time.perf_counter()
            function = easy if number < data.easy_shards else full
            shard = draw_shard(function, seed=seed, number=number, images=data.shard_images)
            write_shard(folder, number, shard)
            rate = data.shard_images / (time.perf_counter() - start_s)
            logger.info("shard %d drawn, %.0f images/s", number, rate)
        number += data.drawers
