"""An exponential moving average of weights (Polyak & Juditsky, 1992), which reads better than the last ones."""

import copy

import torch
from torch import Tensor, nn


class Average:
    """A second network whose weights follow the trained one's slowly.

    The decay grows from 0.1 with the steps, so that the random start is soon forgotten.

    Args:
        network: the trained one; copied.
        decay: of the average, a step.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards ``network`` after its ``step``-th step, counted from 0."""
        decay = min(self._decay, (1 + step) / (10 + step))
        ours: list[Tensor] = []
        theirs: list[Tensor] = []
        for mine, other in zip(self.network.state_dict().values(), network.state_dict().values(), strict=True):
            if mine.is_floating_point():
                ours.append(mine)
                theirs.append(other)
            else:
                mine.copy_(other)
        torch._foreach_lerp_(ours, theirs, 1 - decay)
