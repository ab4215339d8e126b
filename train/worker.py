"""What one worker of a pretraining does, wherever it runs."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.network import Recogniser
from train.drawing import Counter, DrawNames, find_draw
from train.errors import TrainingError
from train.grow import start_from
from train.loop import Loop, StopFlag
from train.parallel import Share
from train.reporters import Reporter, Reporters
from train.settings import PretrainSettings
from train.state import newest_state
from train.stream import Plan, Stream
from train.validation import measure, validation_set


class Run(NamedTuple):
    """A pretraining.

    Attributes:
        folder: where its shards, states, held-out set and TensorBoard files lie; seen by all workers.
        settings: the recipe.
        names: of the drawing functions.
    """

    folder: Path
    settings: PretrainSettings
    names: DrawNames


def first_round(run: Run) -> int:
    """Find the round at which a run starts or resumes."""
    state = newest_state(run.folder / "states")
    step = int(state.name.removeprefix("step-")) if state else 0
    plan = Plan(run.settings.data, run.settings.batch * run.settings.workers)
    return plan.position(step).round


def train_share(
    share: Share,
    run: Run,
    *,
    current: Counter,
    reporters: Sequence[Reporter],
    stop: StopFlag | None = None,
    parent: int | None = None,
    watch: Callable[[], None] | None = None,
) -> None:
    """Do one worker's part of a run; worker 0 also scores and saves.

    Args:
        share: this worker's place.
        run: the same on all workers.
        current: the round in training, told to those who draw.
        reporters: beside TensorBoard, which worker 0 has anyway.
        stop: ends the run early.
        parent: process whose end is to end this worker too, when it waits for images.
        watch: called while it waits for images; what it raises ends this worker.

    Raises:
        TrainingError: the run cannot go on.
    """
    settings = run.settings
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    held_out = None
    if share.rank == 0:
        # TensorBoard comes with an extra, and a retrain imports this file without it.
        from train.board import TensorBoardReporter  # noqa: PLC0415

        reporters = [*reporters, TensorBoardReporter(run.folder / "tensorboard")]
        held_out = validation_set(
            run.folder / "held-out",
            find_draw(run.names.full),
            seed=settings.seed,
            images=settings.data.validation_images,
        )
    network = Recogniser(Charset(BASE_CHARSET).size, settings.network)
    if settings.start_from is not None and newest_state(run.folder / "states") is None:
        start_from(network, settings.start_from)
    loop = Loop(
        network,
        settings,
        folder=run.folder / "states",
        reporter=Reporters(reporters),
        validate=lambda network: measure(network, held_out) if held_out else {},
        share=share,
        stop=stop,
    )

    def on_round(number: int) -> None:
        if share.rank == 0:
            current.value = number
        if watch is not None:
            watch()
        if parent is not None and os.getppid() != parent:
            raise TrainingError("The process that started this worker has gone.")

    stream = Stream(
        folder=run.folder / "shards",
        data=settings.data,
        batch=settings.batch,
        seed=settings.seed,
        rank=share.rank,
        world=share.world,
        on_round=on_round,
    )
    loop.run(stream.batches)
