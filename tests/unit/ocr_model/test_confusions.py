import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_model.confusions import Confusion, commonest_confusions, mistakes
from ocr_model.scoring import Read, edit_distance

TEXTS = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("truth", "text", "expected"),
    [
        ("aBc", "aBc", []),
        ("O0l", "001", [("O", "0"), ("l", "1")]),
        ("abcd", "abd", [("c", "")]),
        ("abd", "abcd", [("", "c")]),
        ("", "x", [("", "x")]),
        ("ab", "", [("a", ""), ("b", "")]),
        ("kitten", "sitting", [("k", "s"), ("e", "i"), ("", "g")]),
    ],
)
def test_alignments_checked_by_eye(truth: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert mistakes(truth, text) == expected


@given(TEXTS, TEXTS)
def test_there_are_as_few_mistakes_as_can_be(truth: str, text: str) -> None:
    edits = mistakes(truth, text)
    assert len(edits) == edit_distance(truth, text)
    assert all(shown != read for shown, read in edits)
    assert len(truth) - len(text) == sum(not read for _, read in edits) - sum(not shown for shown, _ in edits)


def test_the_commonest_come_first_and_ties_in_order_of_the_characters() -> None:
    reads = [Read("O1", "0l"), Read("OO", "00"), Read("ba", "b"), Read("same", "same")]
    assert commonest_confusions(reads) == [Confusion("O", "0", 3), Confusion("1", "l", 1), Confusion("a", "", 1)]
    assert commonest_confusions(reads, most=1) == [Confusion("O", "0", 3)]
