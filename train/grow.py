"""A deeper network that starts as a shallower, trained one: what was learnt is not paid for again.

Blocks are added at the end of each stage. A new one starts as the identity, its last norm's scale
being zero, so the deeper network first reads exactly as the shallower one (Net2Net; Chen et al.,
2015, arXiv:1511.05641).
"""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from ocr_model.checkpoint import load_network
from ocr_model.network import NetworkConfig, Recogniser
from train.errors import TrainingError


def start_from(network: Recogniser, folder: Path) -> None:
    """Give ``network`` the weights of a model, its further blocks being the identity.

    Args:
        network: fresh; of the model's sizes, or with more blocks in some stages.
        folder: of the model.

    Raises:
        CheckpointError: the folder is no whole model.
        TrainingError: its network or charset is not one that ``network`` can grow from.
    """
    trained, manifest = load_network(folder)
    old, new = trained.config, network.config
    depths = old.stem_blocks, *old.stage_blocks
    deeper = new.stem_blocks, *new.stage_blocks
    may_differ = {name: getattr(new, name) for name in ("stem_blocks", "stage_blocks", "dropout")}
    if trained.classes != network.classes or old.model_copy(update=may_differ) != new:
        raise TrainingError(f"{manifest.version} differs in more than its blocks from the network to be trained.")
    if any(a > b for a, b in zip(depths, deeper, strict=True)):
        raise TrainingError(f"{manifest.version} has more blocks in a stage than the network to be trained.")
    places = dict(zip(_block_names(old), _kept(depths, deeper), strict=True))
    weights = {_renamed(name, places): tensor for name, tensor in trained.state_dict().items()}
    network.load_state_dict(_identity(network) | weights)


def _block_names(config: NetworkConfig) -> list[str]:
    return [f"stages.{index}" for index in range(config.stem_blocks + sum(config.stage_blocks))]


def _kept(depths: tuple[int, ...], deeper: tuple[int, ...]) -> Iterator[str]:
    """Name, in order, the blocks of the deeper network that the shallower one's become."""
    start = 0
    for few, many in zip(depths, deeper, strict=True):
        yield from (f"stages.{start + index}" for index in range(few))
        start += many


def _renamed(name: str, places: dict[str, str]) -> str:
    block = ".".join(name.split(".")[:2])
    return places.get(block, block) + name.removeprefix(block)


def _identity(network: nn.Module) -> dict[str, Tensor]:
    """Give a network's own weights with every block's last norm scaled to nothing."""
    return {
        name: torch.zeros_like(tensor) if name.endswith("second_norm.weight") else tensor
        for name, tensor in network.state_dict().items()
    }
