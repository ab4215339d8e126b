"""``python -m train.soup OUT MODEL MODEL...``: the mean of several models' weights, which may read better than each.

Models that were trained on from one another lie in one basin of the loss, and their mean nearer to its middle than
any of them: it keeps what a later run forgot of an earlier one (model soups, Wortsman et al., 2022, arXiv:2203.05482;
with the model that a run began with, arXiv:2109.01903).
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from ocr_model.charset import BASE_CHARSET
from ocr_model.checkpoint import load_network
from ocr_model.manifest import Manifest
from train.drawing import DrawNames, find_draw
from train.errors import TrainingError
from train.settings import PretrainSettings
from train.shards import Shard
from train.validation import validation_set
from train.write_model import HOURS, write_model

logger = logging.getLogger(__name__)

MEAN_OF = "mean of "
"""Begins the name of the run of a model that is one."""


def soup(models: Sequence[Path], out: Path, *, held_out: Shard, temperature: float | None = None) -> Manifest:
    """Write the mean of models as a model of its own.

    Args:
        models: of one network and the base charset, the newest last, whose training the lineage tells; one named
            twice counts twice.
        out: must not exist.
        held_out: images that none of them was trained on.
        temperature: of the mean; none: fitted on the held-out images.

    Raises:
        TrainingError: they differ in their networks or charsets.
        CheckpointError: one of them is no whole model, or ``out`` exists or cannot be written.
    """
    loaded = [load_network(folder) for folder in models]
    network, newest = loaded[-1]
    for other, manifest in loaded:
        if manifest.charset != BASE_CHARSET or other.config != network.config:
            raise TrainingError(f"{manifest.version} is no network of {newest.version}'s sizes and the base charset.")
    network.load_state_dict(_mean([other.state_dict() for other, _ in loaded]))
    run = MEAN_OF + ", ".join(manifest.version for _, manifest in loaded)
    hours = {name: value for name, value in newest.metrics.items() if name == HOURS}
    lineage = newest.lineage.model_copy(update={"run": run})
    return write_model(out, network, held_out=held_out, lineage=lineage, metrics=hours, temperature=temperature)


def _mean(weights: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Give the mean of every tensor; of counts (a norm's batches seen), the newest."""
    return {
        name: torch.stack([other[name] for other in weights]).mean(0) if tensor.is_floating_point() else tensor
        for name, tensor in weights[-1].items()
    }


def main(
    out: Annotated[Path, typer.Argument(help="Model folder to write; must not exist.")],
    models: Annotated[list[Path], typer.Argument(help="Model folders, the newest last; one named twice counts twice.")],
    held_out: Annotated[Path, typer.Option(help="Folder of a run's held-out images; drawn if there are none.")] = Path(
        "runs/held-out"
    ),
    temperature: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            max=4.0,
            help="What confidences are softened by, where images unlike the drawn ones ask for another than these do; "
            "else it is fitted on the held-out images.",
        ),
    ] = None,
) -> None:
    """Write the mean of several models' weights."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = PretrainSettings()
    images = validation_set(
        held_out, find_draw(DrawNames().full), seed=settings.seed, images=settings.data.validation_images
    )
    manifest = soup(models, out, held_out=images, temperature=temperature)
    logger.info("%s: %s", manifest.version, manifest.metrics)


if __name__ == "__main__":
    typer.run(main)
