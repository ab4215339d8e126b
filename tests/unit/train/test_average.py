import torch
from torch import nn

from train.average import Average


def test_the_average_follows_slowly_and_forgets_the_start() -> None:
    network = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        network.weight.fill_(0.0)
    average = Average(network, decay=0.5)
    with torch.no_grad():
        network.weight.fill_(1.0)
    average.update(network, 0)  # the decay is 1/10 at first
    torch.testing.assert_close(average.network.state_dict()["weight"], torch.tensor([[0.9]]))
    average.update(network, 1_000_000)
    torch.testing.assert_close(average.network.state_dict()["weight"], torch.tensor([[0.95]]))


def test_counters_are_copied_and_training_is_untouched() -> None:
    network = nn.BatchNorm1d(2).train()
    average = Average(network, decay=0.9)
    network(torch.randn(4, 2))
    average.update(network, 0)
    assert int(average.network.state_dict()["num_batches_tracked"]) == 1
    assert network.training
    assert not average.network.training
    assert not any(p.requires_grad for p in average.network.parameters())
