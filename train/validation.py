"""The held-out drawn set and its scoring while a run goes on."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.ctc import decode
from ocr_model.scoring import Read, score, score_by_group
from train.errors import TrainingError
from train.shards import Draw, Shard, draw_shard, read_shard, shard_path, write_shard

_NUMBER = 999_999
"""The set's shard number: beyond any run's, so its images are drawn for no training."""

_CHUNK = 128


def validation_set(folder: Path, draw: Draw, *, seed: int, images: int) -> Shard:
    """Read the held-out set of ``folder``, drawing it first if it is not there."""
    if not shard_path(folder, _NUMBER).exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_shard(folder, _NUMBER, draw_shard(draw, seed=seed, number=_NUMBER, images=images))
    shard = read_shard(folder, _NUMBER)
    if not shard.labels:
        raise TrainingError("The held-out set is empty; remove it and it is drawn again.")
    return shard


@torch.inference_mode()
def log_probabilities(network: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Run a network in evaluation mode over images (N, 48, 160, 3), where it lies; gives (N, T, classes)."""
    was_training = network.training
    network.eval()
    device = next(network.parameters()).device
    columns = in_chunks(lambda chunk: network(chunk.to(device)).float().cpu(), images)
    network.train(was_training)
    result: NDArray[np.float32] = columns.numpy()
    return result


def in_chunks(run: Callable[[Tensor], Tensor], images: NDArray[np.uint8]) -> Tensor:
    """Run something on images (N, 48, 160, 3), perhaps mapped from disk, a bounded number at a time."""
    starts = range(0, len(images), _CHUNK)
    return torch.cat([run(torch.from_numpy(np.array(images[start : start + _CHUNK]))) for start in starts])


def reads_of(
    log_probs: NDArray[np.float32], labels: Sequence[str], charset: Charset, *, temperature: float = 1.0
) -> list[Read]:
    """Decode (N, T, classes) and set each reading beside its true text."""
    reads = []
    for truth, columns in zip(labels, log_probs, strict=True):
        reading = decode(columns, charset, temperature=temperature)
        reads.append(Read(truth, reading.text, reading.confidence))
    return reads


def read_all(network: nn.Module, shard: Shard) -> list[Read]:
    """Read every image of ``shard`` with a torch network."""
    return reads_of(log_probabilities(network, shard.images), shard.labels, Charset(BASE_CHARSET))


def measure(network: nn.Module, held_out: Shard) -> dict[str, float]:
    """Score a network on the held-out set, whole and by style, ignoring case."""
    reads = read_all(network, held_out)
    whole = score(reads)
    metrics = {
        "exact": whole.exact,
        "exact_ignoring_case": whole.exact_ignoring_case,
        "character_error_rate": whole.character_error_rate,
        "mean_confidence": whole.mean_confidence,
    }
    for style, part in score_by_group(reads, held_out.styles).items():
        metrics[f"style/{style}"] = part.exact_ignoring_case
    return metrics
