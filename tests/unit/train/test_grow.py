"""A deeper network begins as the shallower one that it grew from."""

from pathlib import Path

import pytest
import torch

from ocr_model.checkpoint import load_network
from ocr_model.network import NetworkConfig, Recogniser
from tests.support.tiny_model import save_tiny_model
from train.errors import TrainingError
from train.grow import start_from


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_tiny_model(tmp_path / "tiny", "tiny-1")


def deeper(config: NetworkConfig, classes: int, **changes: object) -> Recogniser:
    return Recogniser(classes, config.model_copy(update=changes))


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes", [{"stage_blocks": (2, 3, 2)}, {"stem_blocks": 2}, {"stem_blocks": 1, "stage_blocks": (1, 1, 3)}, {}]
)
def test_it_reads_alike_and_every_weight_can_learn(folder: Path, changes: dict[str, object]) -> None:
    trained, _ = load_network(folder)
    network = deeper(trained.config, trained.classes, **changes)
    start_from(network, folder)
    images = torch.randint(0, 256, (3, 48, 160, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.equal(network.eval()(images), trained(images))
    network.train()(images).square().mean().backward()
    scales = [weight for name, weight in network.named_parameters() if name.endswith("second_norm.weight")]
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in scales)


@pytest.mark.parametrize("changes", [{"hidden": 16}, {"stage_channels": (16, 16, 64)}])
def test_another_width_is_refused(folder: Path, changes: dict[str, object]) -> None:
    trained, _ = load_network(folder)
    with pytest.raises(TrainingError, match="more than its blocks"):
        start_from(deeper(trained.config, trained.classes, **changes), folder)


def test_a_shallower_one_is_refused(folder: Path, tmp_path: Path) -> None:
    trained, _ = load_network(folder)
    assert trained.config.stage_blocks != (0, 0, 0)
    with pytest.raises(TrainingError, match="more blocks"):
        start_from(deeper(trained.config, trained.classes, stage_blocks=(0, 1, 1)), folder)
