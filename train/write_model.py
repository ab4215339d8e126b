"""A pretrained network as a model folder: scored, calibrated and quantised on held-out images."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.checkpoint import save_checkpoint
from ocr_model.manifest import Lineage, Manifest
from ocr_model.network import Recogniser
from ocr_model.scoring import score
from train.shards import Shard
from train.temperature import fit_temperature
from train.validation import log_probabilities, reads_of

CALIBRATION_IMAGES = 256
"""Held-out images that give the 8-bit graph its ranges; more of them widen the ranges by outliers."""

HOURS = "training_hours"
"""Names the hours that a run took among a model's metrics."""


def write_model(
    out: Path,
    network: Recogniser,
    *,
    held_out: Shard,
    lineage: Lineage,
    metrics: Mapping[str, float] | None = None,
    temperature: float | None = None,
) -> Manifest:
    """Write a network of the base charset as a model folder.

    The graph computes in 8-bit integers; the scores and a fitted temperature are the float network's.

    Args:
        out: must not exist.
        network: what to write.
        held_out: images that it was not trained on.
        lineage: where it comes from.
        metrics: to be told beside its scores.
        temperature: above 0; none: fitted on the held-out images.

    Raises:
        CheckpointError: ``out`` exists or cannot be written.
    """
    charset = Charset(BASE_CHARSET)
    log_probs = log_probabilities(network, held_out.images)
    if temperature is None:
        temperature = fit_temperature(log_probs, held_out.labels, charset)
    measures = score(reads_of(log_probs, held_out.labels, charset, temperature=temperature))
    scores = {f"held_out/{name}": float(value) for name, value in measures.as_dict().items() if value is not None}
    return save_checkpoint(
        out,
        network=network,
        charset=charset,
        metrics=scores | dict(metrics or {}),
        lineage=lineage,
        temperature=temperature,
        calibration=np.array(held_out.images[:CALIBRATION_IMAGES]),
    )
