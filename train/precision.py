"""Whether this machine trains faster in bfloat16, found out by trying."""

import copy
import time
from collections.abc import Callable

import torch
from torch import nn

from ocr_model.normalise import INPUT

_IMAGES = 8
_ROUNDS = 3
"""The first of either kind is not counted: kernels are made then."""
_LEAST_GAIN = 0.9


def bfloat16_is_faster(
    network: nn.Module, device: torch.device, *, clock: Callable[[], float] = time.perf_counter
) -> bool:
    """Train a copy of the network for a few steps either way; takes about a second on one core.

    No feature of a processor tells it: one with AVX-512's bfloat16 took 1.4 times as long with it as without,
    another 0.56 times.

    Args:
        network: takes uint8 (N, 48, 160, 3); neither it nor torch's state of chance is changed.
        device: where it lies.
        clock: of seconds.
    """
    trial = copy.deepcopy(network).train()
    images = torch.zeros((_IMAGES, *INPUT.shape), dtype=torch.uint8, device=device)
    fastest = {False: float("inf"), True: float("inf")}
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=gpus):
        for number in range(_ROUNDS):
            for bfloat16 in (False, True):
                began_s = clock()
                _step(trial, images, bfloat16=bfloat16)
                if number:
                    fastest[bfloat16] = min(fastest[bfloat16], clock() - began_s)
    return fastest[True] < _LEAST_GAIN * fastest[False]


def _step(network: nn.Module, images: torch.Tensor, *, bfloat16: bool) -> None:
    with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=bfloat16):
        outcome = network(images)
    outcome.float().mean().backward()
    # Reading a number waits for a device that works beside us.
    next(p.grad for p in network.parameters() if p.grad is not None).sum().item()
    network.zero_grad()
