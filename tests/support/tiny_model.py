"""Models that have learnt nothing: enough to see who reads, and whose answer goes where."""

from pathlib import Path

import torch

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.checkpoint import save_checkpoint
from ocr_model.manifest import Lineage
from ocr_model.network import NetworkConfig, Recogniser


def save_tiny_model(folder: Path, version: str, *, seed: int = 1) -> Path:
    """Save a model whose answers depend on the picture and on the seed; its folder."""
    charset = Charset(BASE_CHARSET)
    torch.manual_seed(seed)
    network = Recogniser(charset.size, NetworkConfig(stem_channels=16, stage_channels=(16, 16, 16)))
    # Large weights: so different pictures get different texts.
    torch.nn.init.normal_(network.classify.weight, std=3)
    lineage = Lineage(parent=None, run="test", steps=0, images=0, seed=0)
    save_checkpoint(folder, network=network, charset=charset, metrics={}, lineage=lineage, version=version)
    return folder
