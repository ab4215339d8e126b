from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from train.finetune.splice import Splicer, character_bounds

T, CLASSES = 40, 6


def peaks(*columns: tuple[int, int]) -> NDArray[np.float32]:
    """Log-probabilities of a network that is sure of one class at each of these columns, and of blanks elsewhere."""
    probs = np.full((T, CLASSES), 0.01, dtype=np.float32)
    probs[:, 0] = 0.95
    for column, index in columns:
        probs[column] = 0.01
        probs[column, index] = 0.95
    result: NDArray[np.float32] = np.log(probs)
    return result


def test_characters_end_half_way_between_their_peaks() -> None:
    bounds = character_bounds(peaks((5, 1), (15, 2), (25, 3)), [1, 2, 3])
    assert bounds is not None
    assert bounds.tolist() == [2, 42, 82, 122]


def test_the_outermost_characters_stay_within_the_picture() -> None:
    bounds = character_bounds(peaks((0, 1), (20, 2), (39, 3)), [1, 2, 3])
    assert bounds is not None
    assert bounds.tolist() == [0, 42, 120, 160]


@pytest.mark.parametrize("text", [[], [1]])
def test_what_has_no_two_characters_cannot_be_cut(text: list[int]) -> None:
    assert character_bounds(peaks((5, 1)), text) is None


def test_a_picture_in_which_the_network_does_not_see_its_label_is_not_cut() -> None:
    seen = peaks((5, 1), (15, 2), (25, 3))
    assert character_bounds(seen, [1, 2, 4]) is not None
    assert character_bounds(seen, [1, 5, 4]) is None


def striped(text: list[int]) -> NDArray[np.uint8]:
    """A picture whose characters are bands of their class's grey, 40 pixels each."""
    picture = np.zeros((48, 160, 3), np.uint8)
    for place, index in enumerate(text):
        picture[:, 40 * place : 40 * (place + 1)] = 10 * index
    return picture


TEXTS = [[1, 2, 3, 4], [5, 5, 1, 2], [3, 4, 5, 1]]
SPLICER = Splicer(
    np.stack([striped(text) for text in TEXTS]), TEXTS, dict.fromkeys(range(2), np.array([0, 40, 80, 120, 160]))
)


@given(st.integers(0, 2**32), st.integers(0, 1))
def test_a_spliced_picture_shows_its_text(seed: int, row: int) -> None:
    pixels, text = SPLICER.splice(row, np.random.default_rng(seed))
    assert (pixels == striped(text)).all()


def test_characters_come_to_places_where_nobody_posted_them() -> None:
    rng = np.random.default_rng(0)
    made = [SPLICER.splice(0, rng)[1] for _ in range(200)]
    assert {text[0] for text in made} == {1, 2, 3, 4, 5}
    # A pair that no posted picture has.
    assert (4, 5) in {pair for text in made for pair in pairwise(text)}


def test_nothing_is_taken_from_or_done_to_what_has_no_bounds() -> None:
    rng = np.random.default_rng(0)
    pixels, text = SPLICER.splice(2, rng)
    assert (pixels == striped(TEXTS[2])).all()
    assert text == TEXTS[2]


def test_a_text_that_needs_more_columns_than_there_are_is_left_whole() -> None:
    text = [1, 2] * 18
    bounds = np.arange(37) * 4
    splicer = Splicer(np.zeros((1, 48, 160, 3), np.uint8), [text], {0: bounds})
    rng = np.random.default_rng(0)
    made = [splicer.splice(0, rng)[1] for _ in range(100)]
    assert all(len(t) + sum(a == b for a, b in pairwise(t)) <= T for t in made)
    assert text in made
