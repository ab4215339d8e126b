import copy
import math

import pytest
import torch

from ocr_model.charset import Charset
from ocr_model.network import Recogniser
from tests.unit.train import toy
from train.finetune.unseen import made_unlikely

KNOWN = Charset("ABCab")
WIDE = KNOWN.extended(["Γ"])


@pytest.fixture
def general() -> Recogniser:
    torch.manual_seed(1)
    return Recogniser(KNOWN.size, toy.TINY)


@pytest.fixture
def expert(general: Recogniser) -> Recogniser:
    network = Recogniser(WIDE.size, toy.TINY)
    with torch.no_grad():
        network.classify.bias[: KNOWN.size] = general.classify.bias
    return network


def changes(before: Recogniser, after: Recogniser) -> list[float]:
    return (after.classify.bias - before.classify.bias).tolist()


def test_what_no_label_shows_is_less_likely_and_all_else_is_as_it_was(general: Recogniser, expert: Recogniser) -> None:
    before = copy.deepcopy(expert)
    made_unlikely(expert, general, WIDE, ["AB"] * 20 + ["ab"] * 7)
    assert changes(before, expert) == pytest.approx([0, 0, 0, math.log(6 / 60), 0, 0, 0], abs=1e-6)


@pytest.mark.parametrize(("labels", "least"), [(["AB"], -0.3), (["AB"] * 10_000, -10)])
def test_few_labels_say_little(general: Recogniser, expert: Recogniser, labels: list[str], least: float) -> None:
    before = copy.deepcopy(expert)
    made_unlikely(expert, general, KNOWN.extended(["Γ"]), labels)
    assert least < changes(before, expert)[3] < 0


def test_twice_is_once(general: Recogniser, expert: Recogniser) -> None:
    made_unlikely(expert, general, WIDE, ["AB"] * 20)
    once = copy.deepcopy(expert)
    made_unlikely(expert, general, WIDE, ["AB"] * 20)
    assert changes(once, expert) == pytest.approx([0] * WIDE.size)


def test_what_the_training_made_less_likely_still_stays_so(general: Recogniser, expert: Recogniser) -> None:
    with torch.no_grad():
        expert.classify.bias[3] = -9
    made_unlikely(expert, general, WIDE, ["AB"] * 20)
    assert expert.classify.bias[3].item() == -9


def test_a_new_character_that_earlier_labels_showed_is_left_alone(general: Recogniser, expert: Recogniser) -> None:
    before = copy.deepcopy(expert)
    made_unlikely(expert, general, WIDE, ["AB"] * 20)
    assert changes(before, expert)[WIDE.size - 1] == 0
