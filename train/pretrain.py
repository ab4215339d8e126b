"""``python -m train.pretrain``: draws images, trains the base model on them, and exports it.

Start it again with the same folder after any interruption: it goes on where it was.
"""

import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from train.drawing import Counter, DrawingPool, DrawNames
from train.export_run import export_run
from train.loop import StopFlag
from train.parallel import Share, launch
from train.priority import give_way
from train.reporters import LogReporter
from train.settings import PretrainSettings
from train.state import newest_state, read_position
from train.worker import Run, first_round, judge, train_share

logger = logging.getLogger(__name__)

_LOG_FORMAT = "%(asctime)s %(message)s"


def pretrain(folder: Path, settings: PretrainSettings, *, names: DrawNames | None = None, on_ray: bool = False) -> None:
    """Run or resume a pretraining in ``folder``, and export it if it came to its end.

    Args:
        folder: of the run; made if missing.
        settings: the recipe; a resumed run keeps its seed, batch, workers and network.
        names: of the drawing functions.
        on_ray: train under Ray Train, on the cluster that Ray finds, rather than in processes here.

    Raises:
        TrainingError: the run cannot start or go on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(settings.model_dump_json(indent=1), encoding="utf-8")
    run = Run(folder.resolve(), settings, names or DrawNames())
    if on_ray:
        # Drawing processes import this module too, and need none of Ray.
        from train.ray_entry import fit_on_ray  # noqa: PLC0415

        fit_on_ray(run)
    else:
        with DrawingPool(
            folder=run.folder / "shards",
            names=run.names,
            seed=settings.seed,
            data=settings.data,
            first=first_round(run),
            judge=judge(settings),
        ) as pool:
            launch(_local_worker, settings.workers, run, pool.round, watch=pool.check)
    state = newest_state(folder / "states")
    if state is None or read_position(state).progress < 1:
        logger.info("stopped before the end; start again to go on")
        return
    model = folder / "models" / state.name
    if not model.exists():
        manifest = export_run(folder, model, names=run.names)
        logger.info("exported %s to %s", manifest.version, model)


def _local_worker(share: Share, run: Run, current: Counter) -> None:
    """Train in a process of this machine, at the lowest priority, until told to stop by a signal."""
    give_way()
    logging.basicConfig(level=logging.INFO if share.rank == 0 else logging.WARNING, format=_LOG_FORMAT)
    stop = StopFlag()
    stop.listen()
    reporters = [LogReporter()] if share.rank == 0 else []
    train_share(share, run, current=current, reporters=reporters, stop=stop, parent=os.getppid())


def main(
    out: Annotated[Path, typer.Option(help="Folder of the run; resumed if it holds one.")],
    steps: Annotated[int | None, typer.Option(help="Optimiser steps of the whole run.")] = None,
    finish_at: Annotated[
        str | None, typer.Option(help="End at this time (ISO 8601 with zone) instead of after steps.")
    ] = None,
    on_ray: Annotated[bool, typer.Option("--ray", help="Train under Ray Train.")] = False,
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
    pretrain(out, settings, on_ray=on_ray)


if __name__ == "__main__":
    typer.run(main)
