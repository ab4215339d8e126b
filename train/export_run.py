"""``python -m train.export_run RUN OUT``: a model folder from a run's newest state, also while it runs."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.errors import CheckpointError
from ocr_model.folder import load_manifest
from ocr_model.manifest import Manifest, lineage_after
from ocr_model.network import Recogniser
from train.drawing import DrawNames, find_draw
from train.errors import TrainingError
from train.settings import PretrainSettings
from train.state import newest_state, read_average, read_position
from train.validation import validation_set
from train.write_model import HOURS, write_model

logger = logging.getLogger(__name__)


def export_run(run: Path, out: Path, *, names: DrawNames | None = None) -> Manifest:
    """Write the averaged weights of a run's newest state as a model folder, scored and calibrated.

    Args:
        run: a folder that `train.pretrain` made.
        out: must not exist.
        names: of the drawing functions, in case the held-out set is gone.

    Raises:
        TrainingError: the run has no state yet.
        CheckpointError: ``out`` exists or cannot be written.
    """
    state = newest_state(run / "states")
    if state is None:
        raise TrainingError("The run has no saved state yet.")
    settings = PretrainSettings.model_validate_json((run / "settings.json").read_text(encoding="utf-8"))
    position = read_position(state)
    network = Recogniser(Charset(BASE_CHARSET).size, settings.network)
    network.load_state_dict(read_average(state))
    held_out = validation_set(
        run / "held-out",
        find_draw((names or DrawNames()).full),
        seed=settings.seed,
        images=settings.data.validation_images,
    )
    lineage = lineage_after(
        _parent(settings), run=run.name, steps=position.step, images=position.images, seed=settings.seed
    )
    hours = {HOURS: round(position.elapsed_s / 3600, 3)}
    return write_model(out, network, held_out=held_out, lineage=lineage, metrics=hours)


def _parent(settings: PretrainSettings) -> Manifest | None:
    """What the run began with; a folder that is gone since must not keep hours of training from being exported."""
    if settings.start_from is None:
        return None
    try:
        return load_manifest(settings.start_from)
    except CheckpointError as e:
        logger.warning("the model that the run began with is not named in its lineage: %s", e)
        return None


def main(
    run: Annotated[Path, typer.Argument(help="Folder of a pretraining run.")],
    out: Annotated[Path, typer.Argument(help="Model folder to write; must not exist.")],
) -> None:
    """Export a run's newest averaged weights."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    manifest = export_run(run, out)
    logger.info("%s: %s", manifest.version, manifest.metrics)


if __name__ == "__main__":
    typer.run(main)
