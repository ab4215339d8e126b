"""Shapes and probabilities of the network, and the same numbers from its ONNX graph."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from ocr_model.export import export_onnx
from ocr_model.network import NetworkConfig, Recogniser

CONFIGS = {
    "tiny": NetworkConfig(stem_channels=16, stage_channels=(16, 16, 16), hidden=8),
    "deep": NetworkConfig(
        stem_channels=16, stage_channels=(16, 24, 16), stage_blocks=(2, 1, 2), hidden=8, rnn_layers=2
    ),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_columns_are_log_probabilities(name: str, noise: NDArray[np.uint8]) -> None:
    network = Recogniser(11, CONFIGS[name])
    log_probs = network(torch.from_numpy(noise))
    assert log_probs.shape == (5, 40, 11)
    assert log_probs.dtype == torch.float32
    assert torch.allclose(log_probs.exp().sum(dim=-1), torch.ones(5, 40), atol=1e-5)


def test_a_new_network_is_near_even_odds_and_does_not_favour_the_blank(noise: NDArray[np.uint8]) -> None:
    log_probs = Recogniser(63).eval()(torch.from_numpy(noise[:1])).detach()
    assert log_probs.exp().max() < 0.1
    assert (log_probs[..., 0] < log_probs[..., 1:].mean(dim=-1)).all()


def test_every_weight_learns(noise: NDArray[np.uint8]) -> None:
    network = Recogniser(5, CONFIGS["tiny"])
    network(torch.from_numpy(noise))[..., 1].sum().backward()
    assert [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_the_shipped_size_fits_its_budget() -> None:
    parameters = sum(parameter.numel() for parameter in Recogniser(63).parameters())
    assert parameters * 4 < 12_000_000


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_the_graph_says_what_torch_says_for_any_batch(name: str, tmp_path: Path, noise: NDArray[np.uint8]) -> None:
    torch.manual_seed(0)
    network = Recogniser(11, CONFIGS[name])
    network(torch.from_numpy(noise))
    torch.nn.init.normal_(network.classify.weight)
    assert network.training
    export_onnx(network, tmp_path / "graph.onnx")
    assert network.training
    session = onnxruntime.InferenceSession(tmp_path / "graph.onnx", providers=["CPUExecutionProvider"])
    for batch in (noise, noise[:1], noise[:3]):
        expected = network.eval()(torch.from_numpy(batch)).detach().numpy()
        (told,) = session.run(None, {"images": batch})
        np.testing.assert_allclose(told, expected, atol=1e-4)


@pytest.mark.parametrize("arguments", [{"hidden": 0}, {"dropout": 1.0}, {"stage_blocks": (1, 1)}, {"widht": 3}])
def test_odd_configs_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NetworkConfig.model_validate(arguments)
