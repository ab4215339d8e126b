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
from train.resident import ResidentStream
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
    """Find the round, which is the number of a fresh shard, at which a run starts or resumes."""
    state = newest_state(run.folder / "states")
    step = int(state.name.removeprefix("step-")) if state else 0
    data, step_images = run.settings.data, run.settings.batch * run.settings.workers
    if data.resident_images:
        # What was on the device is gone. More shards than this were drawn only if images were drawn faster than used.
        return step * step_images // data.shard_images
    return Plan(data, step_images).position(step).round


def judge(settings: PretrainSettings) -> Path | None:
    """Name the model, if any, that tells those who draw which images are known."""
    return None if settings.data.resident_images else settings.start_from


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
    device = _device(settings, share)
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
        device=device,
    )

    def on_round(number: int) -> None:
        if share.rank == 0:
            current.value = number
        if watch is not None:
            watch()
        if parent is not None and os.getppid() != parent:
            raise TrainingError("The process that started this worker has gone.")

    loop.run(_stream(share, run, device=device, on_round=on_round).batches)


def _device(settings: PretrainSettings, share: Share) -> torch.device:
    """Give a worker its device: of several GPUs in sight, its own.

    Raises:
        TrainingError: a GPU was asked for, and torch sees none.
    """
    if settings.device == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise TrainingError("device is cuda, and torch sees no GPU here; install a torch with CUDA, or set it to cpu.")
    # All batches are of one size: trying every kernel once finds the fastest.
    torch.backends.cudnn.benchmark = True
    return torch.device("cuda", share.rank % torch.cuda.device_count())


def _stream(
    share: Share, run: Run, *, device: torch.device, on_round: Callable[[int], None]
) -> Stream | ResidentStream:
    """Open a worker's images: those on disk, or those that its device keeps."""
    settings = run.settings
    folder = run.folder / "shards"
    if settings.data.resident_images:
        return ResidentStream(
            folder=folder,
            data=settings.data,
            batch=settings.batch,
            seed=settings.seed,
            device=device,
            first=first_round(run),
            rank=share.rank,
            world=share.world,
            on_round=on_round,
        )
    return Stream(
        folder=folder,
        data=settings.data,
        batch=settings.batch,
        seed=settings.seed,
        rank=share.rank,
        world=share.world,
        on_round=on_round,
    )
