import copy

import pytest
import torch
from torch import Tensor, nn

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.network import Recogniser
from tests.unit.train import toy
from train.loop import CPU
from train.precision import bfloat16_is_faster


class Timed(nn.Module):
    """Takes as long as it is told to, by a clock of its own, in either precision."""

    def __init__(self, float32_s: float, bfloat16_s: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.takes_s = {False: float32_s, True: bfloat16_s}
        self.now_s = [0.0]

    def __deepcopy__(self, memo: object) -> "Timed":
        copied = Timed(self.takes_s[False], self.takes_s[True])
        copied.now_s = self.now_s
        return copied

    def forward(self, images: Tensor) -> Tensor:
        self.now_s[0] += self.takes_s[torch.is_autocast_enabled("cpu")]
        return self.weight * images.float().mean()


@pytest.mark.parametrize(("bfloat16_s", "faster"), [(0.5, True), (0.95, False), (1.4, False)])
def test_the_faster_one_is_taken_and_the_plain_one_if_they_are_alike(bfloat16_s: float, faster: bool) -> None:
    network = Timed(1.0, bfloat16_s)
    assert bfloat16_is_faster(network, CPU, clock=lambda: network.now_s[0]) is faster


def test_a_trial_leaves_no_trace() -> None:
    network = Recogniser(Charset(BASE_CHARSET).size, toy.TINY)
    before, chance = copy.deepcopy(network.state_dict()), torch.get_rng_state()
    bfloat16_is_faster(network, CPU)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(p.grad is None for p in network.parameters())
    assert torch.equal(chance, torch.get_rng_state())
