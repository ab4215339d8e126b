"""A picture with known ink, and a model folder small enough to be made for every run."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr_model.charset import Charset
from ocr_model.checkpoint import save_checkpoint
from ocr_model.manifest import Lineage
from ocr_model.network import NetworkConfig, Recogniser

TINY = NetworkConfig(stem_channels=16, stage_channels=(16, 16, 16), hidden=8)


@pytest.fixture(scope="session")
def ink() -> Image.Image:
    """A mode L picture, 96 x 40: 255 where there is ink, 0 elsewhere."""
    mask = Image.new("L", (96, 40), 0)
    ImageDraw.Draw(mask).text((8, 2), "Ab7k", fill=255, font=ImageFont.load_default(30))
    return mask.point(lambda level: 255 if level > 127 else 0)


@pytest.fixture(scope="session")
def network() -> Recogniser:
    """A tiny network with random weights that reads some text on most pictures."""
    torch.manual_seed(1)
    network = Recogniser(4, TINY)
    torch.nn.init.normal_(network.classify.weight)
    return network.eval()


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory, network: Recogniser) -> Path:
    """The tiny network's folder; tests that alter it copy it first."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_checkpoint(
        folder,
        network=network,
        charset=Charset("ab7"),
        metrics={"exact": 0.5},
        lineage=Lineage(parent="older", run="r1", steps=3, images=96, seed=7),
        version="tiny-1",
    )
    return folder


@pytest.fixture
def noise() -> NDArray[np.uint8]:
    """Five inputs of the network, (5, 48, 160, 3)."""
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (5, 48, 160, 3), dtype=np.uint8)
