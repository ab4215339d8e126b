"""Further looks at doubtful images: which are looked at, how, and what all looks say together."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.ctc import decode_all, told_probabilities
from ocr_model.device import Device
from ocr_model.folder import load_manifest
from ocr_model.looks import FURTHER_LOOKS, Look, likeliest, look_at, seen
from ocr_model.manifest import GRAPH_FILE
from ocr_model.reader import Reader
from ocr_model.reading import Reading
from ocr_model.session import GraphSession, Output

AB = Charset("ab")


@pytest.fixture(scope="module")
def once(model_folder: Path) -> Reader:
    return Reader.load(model_folder, again_below=0)


@pytest.fixture(scope="module")
def again(model_folder: Path) -> Reader:
    return Reader.load(model_folder, again_below=1)


def marked() -> NDArray[np.uint8]:
    """A picture with a dark mark in its middle and a red one 60 pixels to the right of it."""
    pixels = np.full((48, 160, 3), (200, 150, 100), dtype=np.uint8)
    pixels[20:28, 72:88] = 0
    pixels[20:28, 132:148] = (255, 0, 0)
    return pixels


def test_an_image_is_turned_about_its_middle_and_enlarged() -> None:
    (pixels,) = seen(marked()[None], Look(turned=3, wider=1.07, taller=1.07))
    assert pixels.shape == (48, 160, 3)
    assert pixels.dtype == np.uint8
    assert (pixels[0, 0] == (200, 150, 100)).all(), "corners are of the edges' colour"
    dark, red = pixels.sum(axis=2) < 60, (pixels[..., 0] > 225) & (pixels[..., 1] < 40)
    rows, columns = np.nonzero(dark)
    assert (rows.mean(), columns.mean()) == pytest.approx((23.5, 79.5), abs=0.6)
    rows, columns = np.nonzero(red)
    # 60 pixels from the middle: 7 % further out, and three degrees upwards.
    assert (rows.mean(), columns.mean()) == pytest.approx((23.5 - 3.4, 79.5 + 64.1), abs=0.8)


def test_an_image_is_made_taller_and_no_wider() -> None:
    (pixels,) = seen(marked()[None], Look(turned=0, wider=1, taller=1.5))
    rows, columns = np.nonzero(pixels.sum(axis=2) < 225)
    assert (rows.min(), rows.max()) == (18, 29)
    assert (columns.min(), columns.max()) == (72, 87)


def test_both_ends_of_an_image_are_seen_and_joined() -> None:
    shown = []

    def run(batch: NDArray[np.uint8]) -> Output:
        shown.append(batch)
        return Output(np.zeros((len(batch), 40, 3), dtype=np.float32), [1.0] * len(batch), np.array([False]))

    output = look_at(marked()[None], Look(turned=0, wider=1.25, taller=1.25, both_ends=True), run)
    assert output.columns.shape == (1, 50, 3)
    left, right = (pixels for (pixels,) in shown)
    # 1.25 wide, 128 of 160 pixels are seen: from 0, in which the dark mark begins at 72, and from 32.
    for pixels, begins in ((left, 0), (right, 32)):
        rows, columns = np.nonzero(pixels.sum(axis=2) < 60)
        assert (rows.mean(), columns.mean()) == pytest.approx((23.5, (80 - begins) * 1.25 - 0.5), abs=0.6)
    assert not (left[..., 0] > 225).any(), "the red mark lies beyond the left end"
    rows, columns = np.nonzero((right[..., 0] > 225) & (right[..., 1] < 40))
    assert columns.mean() == pytest.approx((140 - 32) * 1.25 - 0.5, abs=0.6)


@pytest.mark.parametrize(
    "constraint", [NO_CONSTRAINT, Constraint(frozenset("a7")), Constraint(None, 2, 3), Constraint(None, 20, None)]
)
def test_the_likeliest_text_of_all_looks_is_read(
    model_folder: Path, again: Reader, noise: NDArray[np.uint8], constraint: Constraint
) -> None:
    manifest = load_manifest(model_folder)
    graph = (model_folder / GRAPH_FILE).read_bytes()
    run = GraphSession.open(graph, manifest, threads=1, device=Device.CPU).run
    outputs = [run(noise), *(look_at(noise, look, run) for look in FURTHER_LOOKS)]
    bounds = [constraint] * len(noise)
    looks = [decode_all(each.columns, again.charset, bounds, each.temperatures) for each in outputs]
    together = again.recognise(noise, bounds)
    assert any(len({look[image].text for look in looks}) > 1 for image in range(len(noise)))
    for image, reading in enumerate(together):
        assert reading.text in {look[image].text for look in looks}
        assert len(reading.character_confidences) == len(reading.text)
    of_texts = [
        np.mean(
            [
                told_probabilities(each.columns, [r.text for r in look], again.charset, bounds, each.temperatures)
                for each in outputs
            ],
            axis=0,
        )
        for look in looks
    ]
    assert [r.confidence for r in together] == pytest.approx(np.max(of_texts, axis=0).tolist())


def test_only_doubtful_images_are_looked_at_again(model_folder: Path, once: Reader, noise: NDArray[np.uint8]) -> None:
    first = once.recognise(noise)
    bound = sorted(reading.confidence for reading in first)[2]
    some = Reader.load(model_folder, again_below=bound).recognise(noise)
    same = [before == after for before, after in zip(first, some, strict=True)]
    assert same == [reading.confidence >= bound for reading in first]


def test_looks_are_the_same_however_many_images_are_read_together(again: Reader, noise: NDArray[np.uint8]) -> None:
    many = np.concatenate([noise] * 4)
    together = again.recognise(many)
    alone = [again.recognise(many[image : image + 1])[0] for image in range(len(many))]
    assert [reading.text for reading in together] == [reading.text for reading in alone]
    assert [r.confidence for r in together] == pytest.approx([r.confidence for r in alone], rel=1e-4)


def look(*probabilities: list[float], expert: bool = False) -> Output:
    columns = np.log(np.array([probabilities], dtype=np.float32))
    return Output(columns, [1.0], np.array([expert]))


def test_what_several_read_is_told_as_their_mean_and_else_the_surer_one_counts() -> None:
    sure, unsure = look([0.1, 0.8, 0.1]), look([0.3, 0.3, 0.4])
    a, b = Reading("a", 0.8, (0.8,)), Reading("b", 0.4, (0.4,))
    (same,) = likeliest([[a], [Reading("a", 0.3, (0.3,))]], [sure, unsure], AB, [NO_CONSTRAINT])
    assert same.text == "a"
    assert (same.confidence, *same.character_confidences) == pytest.approx(((0.8 + 0.3) / 2, (0.8 + 0.3) / 2))
    (differing,) = likeliest([[b], [a]], [unsure, sure], AB, [NO_CONSTRAINT])
    assert (differing.text, differing.character_confidences) == ("a", (0.8,))
    assert differing.confidence == pytest.approx((0.3 + 0.8) / 2)
    (bound,) = likeliest([[b], [b]], [unsure, sure], AB, [Constraint(frozenset("b"))])
    assert bound.confidence == pytest.approx((0.4 / 0.7 + 0.1 / 0.2) / 2)


def test_of_three_looks_two_that_are_less_sure_may_outweigh_one() -> None:
    one, other = look([0.05, 0.6, 0.35]), look([0.05, 0.4, 0.55])
    a, b = Reading("a", 0.6, (0.6,)), Reading("b", 0.55, (0.55,))
    (read,) = likeliest([[a], [b], [b]], [one, other, other], AB, [NO_CONSTRAINT])
    assert read.text == "b"
    assert read.confidence == pytest.approx((0.35 + 0.55 + 0.55) / 3)
    assert read.character_confidences == pytest.approx((0.55,))


def test_a_look_by_another_network_does_not_count() -> None:
    a, b = Reading("a", 0.3, (0.3,)), Reading("b", 0.9, (0.9,))
    general, expert = look([0.4, 0.3, 0.3]), look([0.05, 0.05, 0.9], expert=True)
    (kept,) = likeliest([[a], [b]], [general, expert], AB, [NO_CONSTRAINT])
    assert (kept.text, kept.looks) == ("a", 2), "it was looked at, and took the time"
    assert kept.confidence == pytest.approx(0.3)
    second = look([0.2, 0.7, 0.1])
    (read,) = likeliest([[a], [b], [Reading("a", 0.7, (0.7,))]], [general, expert, second], AB, [NO_CONSTRAINT])
    assert (read.text, read.looks) == ("a", 3)
    assert read.confidence == pytest.approx((0.3 + 0.7) / 2)
