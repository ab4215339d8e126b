import pytest
import torch

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.network import Recogniser
from tests.unit.train import toy
from train.finetune.blend import blended, choose_blend

CHARSET = Charset(BASE_CHARSET)


def network(seed: int) -> Recogniser:
    torch.manual_seed(seed)
    return Recogniser(CHARSET.size, toy.TINY)


def place(net: Recogniser) -> float:
    """A number that moves along the line with the blend."""
    return net.classify.weight[0, 0].item()


def test_a_blend_lies_on_the_line_between() -> None:
    before, after = network(1), network(2)
    half = blended(before, after, 0.5, known=CHARSET.size)
    torch.testing.assert_close(half.classify.weight, (before.classify.weight + after.classify.weight) / 2)
    torch.testing.assert_close(blended(before, after, 1.0, known=CHARSET.size).state_dict(), after.state_dict())


def test_new_characters_are_taken_whole() -> None:
    before, after = network(1), network(2)
    half = blended(before, after, 0.5, known=CHARSET.size - 2)
    torch.testing.assert_close(half.classify.weight[-2:], after.classify.weight[-2:])
    torch.testing.assert_close(half.classify.bias[-2:], after.classify.bias[-2:])
    torch.testing.assert_close(half.classify.weight[:-2], ((before.classify.weight + after.classify.weight) / 2)[:-2])


@pytest.mark.parametrize(
    ("exact", "margin", "share"),
    [
        ({0.0: 50.0, 1.0: 50.0, 0.7: 90.0, 0.5: 90.0}, 0.0, 1.0),  # no worse: all of it
        ({0.0: 50.0, 1.0: 49.0, 0.7: 50.0, 0.5: 90.0}, 0.0, 0.7),
        ({0.0: 50.0, 1.0: 49.0, 0.7: 50.0, 0.5: 90.0}, 1.0, 1.0),  # within the margin
        ({0.0: 50.0, 1.0: 10.0, 0.7: 20.0, 0.5: 30.0}, 0.0, 0.5),  # none is good enough: the last
    ],
)
def test_the_farthest_blend_that_forgets_nothing_is_taken(
    exact: dict[float, float], margin: float, share: float
) -> None:
    before, after = network(1), network(2)
    first, last = place(before), place(after)

    def reads(candidate: Recogniser) -> float:
        return exact[abs(round((place(candidate) - first) / (last - first), 3))]

    def towards(share: float) -> Recogniser:
        return blended(before, after, share, known=CHARSET.size)

    chosen = choose_blend(before, towards, reads, shares=(1.0, 0.7, 0.5), margin_points=margin)
    assert chosen[1] == share
    assert reads(chosen[0]) == exact[share]
