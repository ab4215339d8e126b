"""Drawing: reproducible, legal, in every style, and leaving no trace in global random state."""

import random
import secrets

import captcha.image
import numpy as np
import pytest

from train.fonts import CHARACTERS
from train.synth import STYLES, draw
from train.synth.labels import ALPHABETS, DIGITS, draw_label
from train.synth.sample import Dice
from train.synth.speed import images_per_second


@pytest.mark.parametrize("style", STYLES)
def test_every_style_draws_legal_images_that_show_something(style: str) -> None:
    rng = np.random.default_rng(7)
    for _ in range(4):
        sample = draw(rng, style=style)
        height, width, channels = sample.image.shape
        assert (sample.style, str(sample.image.dtype), channels) == (style, "uint8", 3)
        assert 12 <= height <= 420
        assert 24 <= width <= 1400
        assert 3 <= len(sample.label) <= 10
        assert set(sample.label) <= set(CHARACTERS)
        assert sample.image.std() > 1


@pytest.mark.parametrize("style", STYLES)
def test_a_seed_gives_the_same_image_whatever_the_global_random_state(style: str) -> None:
    random.seed(1)
    first = draw(np.random.default_rng(3), style=style)
    random.seed(2)
    second = draw(np.random.default_rng(3), style=style)
    assert first.label == second.label
    np.testing.assert_array_equal(first.image, second.image)


@pytest.mark.parametrize("style", STYLES)
def test_drawing_leaves_the_random_modules_as_they_were(style: str) -> None:
    random.seed(5)
    before = random.getstate()
    draw(np.random.default_rng(0), style=style)
    assert random.getstate() == before
    assert vars(captcha.image)["secrets"] is secrets


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("label", ["iIl", "Wm8WmQ0gjy", "00000"])
def test_a_given_label_is_drawn_in_every_style(style: str, label: str) -> None:
    assert draw(np.random.default_rng(11), style=style, label=label).label == label


def test_different_labels_give_different_images() -> None:
    images = [draw(np.random.default_rng(2), style="neat", label=label).image for label in ("48151", "62342")]
    assert images[0].shape != images[1].shape or (images[0] != images[1]).any()


def test_the_mix_holds_every_style_and_every_character() -> None:
    rng = np.random.default_rng(0)
    dice = Dice(rng)
    labels = [draw_label(dice) for _ in range(3000)]
    assert set("".join(labels)) == set(CHARACTERS)
    lengths = [len(label) for label in labels]
    assert (min(lengths), max(lengths)) == (3, 10)
    assert sum(4 <= n <= 6 for n in lengths) / len(lengths) > 0.7


@pytest.mark.parametrize("style", ["segments", "handwritten"])
def test_a_style_of_digits_gets_labels_of_digits(style: str) -> None:
    rng = np.random.default_rng(0)
    assert all(set(draw(rng, style=style).label) <= set(DIGITS) for _ in range(20))


@pytest.mark.parametrize("style", ["multicolor", "lepture"])
def test_labels_keep_to_the_length_a_style_can_show(style: str) -> None:
    rng = np.random.default_rng(1)
    lengths = {len(draw(rng, style=style).label) for _ in range(60)}
    assert max(lengths) <= STYLES[style].max_length
    assert len(lengths) > 2


def test_alphabets_are_within_the_characters() -> None:
    assert all(set(alphabet) <= set(CHARACTERS) for alphabet, _ in ALPHABETS)


def test_an_unknown_style_is_an_error() -> None:
    with pytest.raises(KeyError):
        draw(np.random.default_rng(0), style="none such")


def test_drawing_is_not_hopelessly_slow() -> None:
    images_per_second(None, 30)
    assert images_per_second(None, 60) > 40
