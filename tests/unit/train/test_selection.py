from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

import ocr_model
from ocr_model.reader import Reader
from tests.unit.train import toy
from train import synth
from train.errors import TrainingError
from train.selection import Selection
from train.settings import DataSettings, PretrainSettings
from train.synth.sample import Sample

BASE = Path(ocr_model.__file__).parent / "weights" / "base"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(BASE)


def draw_known(rng: np.random.Generator) -> Sample:
    """Draw one text, which the shipped model reads."""
    del rng
    return synth.draw(np.random.default_rng(1), style="neat", label="83746")


def draw_either(rng: np.random.Generator) -> Sample:
    """Draw a known image, or one whose text it does not show."""
    if rng.random() < 0.5:
        return draw_known(rng)
    return Sample(image=np.full((48, 160, 3), 255, dtype=np.uint8), label="ABC", style="empty")


def styles(selection: Selection, count: int = 40) -> list[str]:
    return [selection(np.random.default_rng([5, i])).style for i in range(count)]


def test_images_that_the_model_reads_are_left_out(reader: Reader) -> None:
    assert "neat" in styles(Selection(draw_either, reader, known_kept=1.0))
    assert set(styles(Selection(draw_either, reader, known_kept=0.0))) == {"empty"}


def test_a_share_of_them_is_kept(reader: Reader) -> None:
    kept = styles(Selection(draw_either, reader, known_kept=0.5), 200)
    assert 0.2 < kept.count("neat") / len(kept) < 0.47, "a third of what comes is known"


def test_what_is_drawn_follows_from_the_generator_alone(reader: Reader) -> None:
    selection = Selection(toy.draw, reader, known_kept=0.1)
    first, again = (selection(np.random.default_rng(3)) for _ in range(2))
    assert first.label == again.label
    np.testing.assert_array_equal(first.image, again.image)


def test_a_model_that_reads_everything_ends_the_run(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.selection._MOST_DRAWN", 20)
    with pytest.raises(TrainingError, match="known_kept"):
        Selection(draw_known, reader, known_kept=0.0)(np.random.default_rng(0))


def test_leaving_out_needs_a_model_that_judges() -> None:
    with pytest.raises(ValidationError, match="start_from"):
        PretrainSettings(data=DataSettings(known_kept=0.1))
