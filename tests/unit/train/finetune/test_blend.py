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
    ("forgotten", "margin", "share"),
    [
        ({1.0: 0.0, 0.7: -40.0, 0.5: -40.0}, 0.0, 1.0),  # nothing: all of it
        ({1.0: 1.0, 0.7: 0.0, 0.5: -40.0}, 0.0, 0.7),
        ({1.0: 1.0, 0.7: 0.0, 0.5: -40.0}, 1.0, 1.0),  # within the margin
        ({1.0: 40.0, 0.7: 30.0, 0.5: 20.0}, 0.0, 0.5),  # too much at any: the last
    ],
)
def test_the_farthest_blend_that_forgets_little_enough_is_taken(
    forgotten: dict[float, float], margin: float, share: float
) -> None:
    chosen = choose_blend(lambda s: s, lambda s: forgotten[s], shares=(1.0, 0.7, 0.5), margin_points=margin)
    assert chosen == (share, share)


def test_a_blend_is_made_once_however_often_it_is_looked_at() -> None:
    made: list[float] = []

    def towards(share: float) -> float:
        made.append(share)
        return share

    choose_blend(towards, lambda share: share, shares=(1.0, 0.8, 0.6, 0.4, 0.2), margin_points=0.5)
    assert len(made) == len(set(made))
