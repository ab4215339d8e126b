"""``python -m train.export_run RUN OUT``: a model folder from a run's newest state, also while it runs."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.checkpoint import save_checkpoint
from ocr_model.errors import CheckpointError
from ocr_model.folder import load_manifest
from ocr_model.manifest import Manifest, lineage_after
from ocr_model.network import Recogniser
from ocr_model.scoring import score
from train.drawing import DrawNames, find_draw
from train.errors import TrainingError
from train.settings import PretrainSettings
from train.state import newest_state, read_average, read_position
from train.temperature import fit_temperature
from train.validation import log_probabilities, reads_of, validation_set

logger = logging.getLogger(__name__)

CALIBRATION_IMAGES = 256
"""Held-out images that give the 8-bit graph its ranges; more of them widen the ranges by outliers."""


def export_run(run: Path, out: Path, *, names: DrawNames | None = None) -> Manifest:
    """Write the averaged weights of a run's newest state as a model folder, scored and calibrated.

    The graph computes in 8-bit integers; the scores and the temperature are the float network's.

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
    charset = Charset(BASE_CHARSET)
    network = Recogniser(charset.size, settings.network)
    network.load_state_dict(read_average(state))
    held_out = validation_set(
        run / "held-out",
        find_draw((names or DrawNames()).full),
        seed=settings.seed,
        images=settings.data.validation_images,
    )
    log_probs = log_probabilities(network, held_out.images)
    temperature = fit_temperature(log_probs, held_out.labels, charset)
    measures = score(reads_of(log_probs, held_out.labels, charset, temperature=temperature))
    metrics = {f"held_out/{name}": float(value) for name, value in measures.as_dict().items() if value is not None}
    return save_checkpoint(
        out,
        network=network,
        charset=charset,
        metrics=metrics | {"training_hours": round(position.elapsed_s / 3600, 3)},
        lineage=lineage_after(
            _parent(settings), run=run.name, steps=position.step, images=position.images, seed=settings.seed
        ),
        temperature=temperature,
        calibration=np.array(held_out.images[:CALIBRATION_IMAGES]),
    )


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
