"""A second look at doubtful images: which are looked at, how, and what two looks say together."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.reader import Reader
from ocr_model.reading import Reading
from ocr_model.second_look import likelier_of_two, turned
from ocr_model.session import Output

AB = Charset("ab")


@pytest.fixture(scope="module")
def once(model_folder: Path) -> Reader:
    return Reader.load(model_folder, again_below=0)


@pytest.fixture(scope="module")
def twice(model_folder: Path) -> Reader:
    return Reader.load(model_folder, again_below=1)


def test_an_image_is_turned_about_its_middle_and_enlarged() -> None:
    pixels = np.full((48, 160, 3), (200, 150, 100), dtype=np.uint8)
    pixels[20:28, 72:88] = 0
    pixels[20:28, 132:148] = (255, 0, 0)
    (seen,) = turned(pixels[None])
    assert seen.shape == pixels.shape
    assert seen.dtype == np.uint8
    assert (seen[0, 0] == (200, 150, 100)).all(), "corners are of the edges' colour"
    dark, red = seen.sum(axis=2) < 60, (seen[..., 0] > 225) & (seen[..., 1] < 40)
    rows, columns = np.nonzero(dark)
    assert (rows.mean(), columns.mean()) == pytest.approx((23.5, 79.5), abs=0.6)
    rows, columns = np.nonzero(red)
    # 60 pixels from the middle: 7 % further out, and three degrees upwards.
    assert (rows.mean(), columns.mean()) == pytest.approx((23.5 - 3.4, 79.5 + 64.1), abs=0.8)


@pytest.mark.parametrize("constraint", [NO_CONSTRAINT, Constraint(frozenset("a7")), Constraint(None, 2, 3)])
def test_the_likelier_text_of_two_looks_is_read(
    once: Reader, twice: Reader, noise: NDArray[np.uint8], constraint: Constraint
) -> None:
    bounds = [constraint] * len(noise)
    first, second = once.recognise(noise, bounds), once.recognise(turned(noise), bounds)
    together = twice.recognise(noise, bounds)
    assert any(one.text != other.text for one, other in zip(first, second, strict=True))
    for image, reading in enumerate(together):
        assert reading.text in {first[image].text, second[image].text}
        assert len(reading.character_confidences) == len(reading.text)
    if constraint.characters is None:
        probabilities = [
            [
                (one + other) / 2
                for (_, one), (_, other) in zip(
                    once.examine(noise, texts), once.examine(turned(noise), texts), strict=True
                )
            ]
            for texts in ([r.text for r in first], [r.text for r in second])
        ]
        assert [r.confidence for r in together] == pytest.approx(
            [max(each) for each in zip(*probabilities, strict=True)]
        )


def test_only_doubtful_images_are_looked_at_again(model_folder: Path, once: Reader, noise: NDArray[np.uint8]) -> None:
    first = once.recognise(noise)
    bound = sorted(reading.confidence for reading in first)[2]
    some = Reader.load(model_folder, again_below=bound).recognise(noise)
    same = [before == after for before, after in zip(first, some, strict=True)]
    assert same == [reading.confidence >= bound for reading in first]


def look(*probabilities: list[float], expert: bool = False) -> Output:
    columns = np.log(np.array([probabilities], dtype=np.float32))
    return Output(columns, [1.0], np.array([expert]))


def test_what_both_read_is_told_as_their_mean_and_else_the_surer_one_counts() -> None:
    sure, unsure = look([0.1, 0.8, 0.1]), look([0.3, 0.3, 0.4])
    a, b = Reading("a", 0.8, (0.8,)), Reading("b", 0.4, (0.4,))
    (same,) = likelier_of_two([(a, Reading("a", 0.3, (0.3,)))], (sure, unsure), AB, [NO_CONSTRAINT])
    assert same.text == "a"
    assert (same.confidence, *same.character_confidences) == pytest.approx(((0.8 + 0.3) / 2, (0.8 + 0.3) / 2))
    (differing,) = likelier_of_two([(b, a)], (unsure, sure), AB, [NO_CONSTRAINT])
    assert (differing.text, differing.character_confidences) == ("a", (0.8,))
    assert differing.confidence == pytest.approx((0.3 + 0.8) / 2)
    (bound,) = likelier_of_two([(b, b)], (unsure, sure), AB, [Constraint(frozenset("b"))])
    assert bound.confidence == pytest.approx((0.4 / 0.7 + 0.1 / 0.2) / 2)


def test_a_second_look_by_another_network_does_not_count() -> None:
    a, b = Reading("a", 0.3, (0.3,)), Reading("b", 0.9, (0.9,))
    general, expert = look([0.4, 0.3, 0.3]), look([0.05, 0.05, 0.9], expert=True)
    assert likelier_of_two([(a, b)], (general, expert), AB, [NO_CONSTRAINT]) == [a]
