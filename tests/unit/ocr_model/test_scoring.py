import io

import pytest
from rich.console import Console

from ocr_model.score_table import table
from ocr_model.scoring import Read, Score, edit_distance, mean_score, score, score_by_group

READS = [Read("aBc", "aBc", 1.0), Read("XYZ", "xyz", 0.5), Read("1234", "124", 0.3), Read("no", "", 0.2)]


def test_a_case_counted_by_hand() -> None:
    # Edits: 0, 3 (case), 1, 2 of 12 characters.
    assert score(READS, image_ms=2.5) == Score(
        n=4,
        exact=25.0,
        exact_ignoring_case=50.0,
        character_error_rate=50.0,
        mean_confidence=0.5,
        # One answer is right and sure of it; the others are wrong, each in a bin of its own: (0.5 + 0.3 + 0.2) / 4.
        calibration_error=0.25,
        image_ms=2.5,
    )


@pytest.mark.parametrize(
    ("a", "b", "edits"),
    [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "abc", 0), ("abc", "acb", 2), ("kitten", "sitting", 3)],
)
def test_edit_distance(a: str, b: str, edits: int) -> None:
    assert edit_distance(a, b) == edits
    assert edit_distance(b, a) == edits


def test_groups_are_scored_apart_and_weigh_alike_in_the_mean() -> None:
    scores = score_by_group([*READS, READS[0]], ["x", "x", "x", "x", "y"])
    assert list(scores) == ["x", "y"]
    mean = mean_score(list(scores.values()))
    assert (mean.n, mean.exact) == (5, 62.5)
    assert mean.image_ms is None


@pytest.mark.parametrize("measure", [score, mean_score])
def test_nothing_has_no_score(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(ValueError, match="no"):
        measure([])


def test_the_table_shows_every_set_and_the_mean() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(table(score_by_group([*READS, READS[0]], [*"xxxxy"]), title="model 1"))
    text = out.getvalue()
    assert "model 1" in text
    for line in (("x", "4", "25.0", "50.0"), ("y", "1", "100.0", "100.0"), ("mean", "5", "62.5", "75.0")):
        assert any(all(cell in row.split() for cell in line) for row in text.replace("│", " ").splitlines())
