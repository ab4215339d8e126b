"""The mean of models is their mean, and is written like any model."""

from pathlib import Path

import pytest
import torch

from ocr_model.checkpoint import load_network, save_checkpoint
from ocr_model.errors import CheckpointError
from ocr_model.folder import verify
from ocr_model.manifest import Lineage
from ocr_model.network import Recogniser
from tests.support.tiny_model import save_tiny_model
from tests.unit.train import toy
from train.errors import TrainingError
from train.shards import Shard
from train.soup import soup
from train.validation import validation_set

pytestmark = pytest.mark.slow


@pytest.fixture
def held_out(tmp_path: Path) -> Shard:
    return validation_set(tmp_path / "held-out", toy.draw, seed=1, images=8)


@pytest.fixture
def models(tmp_path: Path) -> list[Path]:
    return [save_tiny_model(tmp_path / f"tiny-{seed}", f"tiny-{seed}", seed=seed) for seed in (1, 2)]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = load_network(folder)[0].state_dict()
    return state


def test_every_weight_is_the_mean_and_one_named_twice_counts_twice(
    tmp_path: Path, models: list[Path], held_out: Shard
) -> None:
    manifest = soup([models[0], models[1], models[1]], tmp_path / "mean", held_out=held_out)
    assert verify(tmp_path / "mean") == manifest
    first, second, mean = weights(models[0]), weights(models[1]), weights(tmp_path / "mean")
    floating = [name for name, tensor in mean.items() if tensor.is_floating_point()]
    assert any(not torch.equal(first[name], second[name]) for name in floating)
    for name in floating:
        torch.testing.assert_close(mean[name], (first[name] + 2 * second[name]) / 3)
    assert manifest.lineage.run == "mean of tiny-1, tiny-2, tiny-2"
    assert manifest.precision == "int8"
    assert manifest.lineage.steps == load_network(models[1])[1].lineage.steps
    assert manifest.metrics["held_out/n"] == 8


def test_a_temperature_that_is_given_is_not_fitted(tmp_path: Path, models: list[Path], held_out: Shard) -> None:
    assert soup(models, tmp_path / "mean", held_out=held_out, temperature=1.25).temperature == 1.25


def test_other_sizes_are_refused(tmp_path: Path, models: list[Path], held_out: Shard) -> None:
    network, manifest = load_network(models[0])
    wider = Recogniser(network.classes, toy.TINY)
    save_checkpoint(
        tmp_path / "wider", network=wider, charset=manifest.charset_object, metrics={}, lineage=Lineage(), version="w-1"
    )
    assert wider.config != network.config
    with pytest.raises(TrainingError, match="tiny-1 is no network of w-1's sizes"):
        soup([models[0], tmp_path / "wider"], tmp_path / "mean", held_out=held_out)


def test_a_model_that_is_not_there_is_an_error(tmp_path: Path, models: list[Path], held_out: Shard) -> None:
    with pytest.raises(CheckpointError):
        soup([models[0], tmp_path / "nothing"], tmp_path / "mean", held_out=held_out)
