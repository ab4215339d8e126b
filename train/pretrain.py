"""``python -m train.pretrain``: draws images, trains the base model on them, and exports it.

Start it again with the same folder after any interruption: it goes on where it was.
"""

import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import nn

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.network import Recogniser
from train.drawing import Counter, DrawingPool, DrawNames, find_draw
from train.errors import TrainingError
from train.export_run import export_run
from train.loop import Loop, StopFlag
from train.parallel import Share, launch
from train.reporters import LogReporter, Reporters, TensorBoardReporter
from train.score import score, score_by_group
from train.settings import PretrainSettings
from train.shards import Shard
from train.state import newest_state, read_position
from train.stream import Stream
from train.validation import read_all, validation_set

logger = logging.getLogger(__name__)

_LOG_FORMAT = "%(asctime)s %(message)s"


def first_round(folder: Path, settings: PretrainSettings) -> int:
    """Find the round at which a run in ``folder`` resumes."""
    state = newest_state(folder / "states")
    step = int(state.name.removeprefix("step-")) if state else 0
    plan = Stream(folder=folder, data=settings.data, batch=settings.batch, seed=0, world=settings.workers).plan
    return plan.position(step).round


def train_share(share: Share, folder: Path, settings: PretrainSettings, names: DrawNames, current: Counter) -> None:
    """Do one worker's part of a run; worker 0 also scores, saves and reports."""
    os.nice(max(0, 19 - os.nice(0)))
    logging.basicConfig(level=logging.INFO if share.rank == 0 else logging.WARNING, format=_LOG_FORMAT)
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    stop = StopFlag()
    stop.listen()
    held_out = (
        validation_set(
            folder / "held-out", find_draw(names.full), seed=settings.seed, images=settings.data.validation_images
        )
        if share.rank == 0
        else None
    )
    reporter = Reporters([LogReporter(), TensorBoardReporter(folder / "tensorboard")] if share.rank == 0 else [])
    loop = Loop(
        Recogniser(Charset(BASE_CHARSET).size, settings.network),
        settings,
        folder=folder / "states",
        reporter=reporter,
        validate=lambda network: _measure(network, held_out),
        share=share,
        stop=stop,
    )

    def on_round(number: int) -> None:
        if share.rank == 0:
            current.value = number
        if os.getppid() == 1:
            raise TrainingError("The process that started this worker has gone.")

    stream = Stream(
        folder=folder / "shards",
        data=settings.data,
        batch=settings.batch,
        seed=settings.seed,
        rank=share.rank,
        world=share.world,
        on_round=on_round,
    )
    loop.run(stream.batches)


def _measure(network: nn.Module, held_out: Shard | None) -> dict[str, float]:
    """Score a network on the held-out set, whole and by style, ignoring case."""
    if held_out is None:
        return {}
    reads = read_all(network, held_out)
    whole = score(reads)
    metrics = {
        "exact": whole.exact,
        "exact_ignoring_case": whole.exact_ignoring_case,
        "character_error_rate": whole.character_error_rate,
        "mean_confidence": whole.mean_confidence,
    }
    for style, part in score_by_group(reads, held_out.styles).items():
        metrics[f"style/{style}"] = part.exact_ignoring_case
    return metrics


def pretrain(folder: Path, settings: PretrainSettings, *, names: DrawNames | None = None) -> None:
    """Run or resume a pretraining in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(settings.model_dump_json(indent=1), encoding="utf-8")
    names = names or DrawNames()
    with DrawingPool(
        folder=folder / "shards",
        names=names,
        seed=settings.seed,
        data=settings.data,
        first=first_round(folder, settings),
    ) as pool:
        launch(train_share, settings.workers, folder, settings, names, pool.round)
    state = newest_state(folder / "states")
    if state is None or read_position(state).progress < 1:
        logger.info("stopped before the end; start again to go on")
        return
    model = folder / "models" / state.name
    if not model.exists():
        manifest = export_run(folder, model, names=names)
        logger.info("exported %s to %s", manifest.version, model)


def main(
    out: Annotated[Path, typer.Option(help="Folder of the run; resumed if it holds one.")],
    steps: Annotated[int | None, typer.Option(help="Optimiser steps of the whole run.")] = None,
    finish_at: Annotated[
        str | None, typer.Option(help="End at this time (ISO 8601 with zone) instead of after steps.")
    ] = None,
    settings_file: Annotated[Path | None, typer.Option("--settings", help="JSON of PretrainSettings.")] = None,
) -> None:
    """Train the base model and export it to a folder under OUT/models."""
    logging.basicConfig(level=logging.INFO, format=_LOG_FORMAT)
    settings = PretrainSettings()
    saved = settings_file or out / "settings.json"
    if saved.exists():
        settings = PretrainSettings.model_validate_json(saved.read_text(encoding="utf-8"))
    changes: dict[str, object] = {}
    if steps is not None:
        changes["steps"] = steps
    if finish_at is not None:
        changes["finish_at"] = datetime.fromisoformat(finish_at)
    settings = PretrainSettings.model_validate(settings.model_dump() | changes)
    (out / "pid").parent.mkdir(parents=True, exist_ok=True)
    (out / "pid").write_text(f"{os.getpid()}\n", encoding="utf-8")
    pretrain(out, settings)


if __name__ == "__main__":
    typer.run(main)
