import pytest
import torch

from ocr_model.charset import Charset
from ocr_model.network import Recogniser
from tests.unit.train import toy
from train.finetune.grow import grown

KNOWN = Charset("abc")
WIDE = KNOWN.extended(["ßя"])


@pytest.fixture
def parent() -> Recogniser:
    torch.manual_seed(0)
    network = Recogniser(KNOWN.size, toy.TINY).eval()
    torch.nn.init.normal_(network.classify.weight)
    return network


def logits(network: Recogniser) -> torch.Tensor:
    images = torch.randint(0, 256, (2, 48, 160, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        read: torch.Tensor = network.eval()(images)
    return read


def test_old_characters_keep_their_odds(parent: Recogniser) -> None:
    network = grown(parent, KNOWN, WIDE, seed=1)
    assert network.classes == 6
    ours, theirs = logits(network)[..., :4], logits(parent)
    torch.testing.assert_close(ours - ours[..., :1], theirs - theirs[..., :1], rtol=1e-4, atol=1e-4)


def test_new_characters_differ_from_each_other_and_are_repeatable(parent: Recogniser) -> None:
    network, again = (grown(parent, KNOWN, WIDE, seed=1) for _ in range(2))
    rows = network.classify.weight[4:]
    assert not torch.equal(rows[0], rows[1])
    torch.testing.assert_close(again.classify.weight, network.classify.weight, rtol=0, atol=0)


def test_without_new_characters_it_is_a_copy(parent: Recogniser) -> None:
    network = grown(parent, KNOWN, KNOWN, seed=1)
    torch.testing.assert_close(network.state_dict(), parent.state_dict(), rtol=0, atol=0)
    assert network.classify.weight is not parent.classify.weight
