"""Both ends of a picture, put together: nothing is lost or read twice."""

import numpy as np
import pytest

from ocr_model.charset import Charset
from ocr_model.constraint import NO_CONSTRAINT
from ocr_model.ctc import decode_all
from ocr_model.joined import joined
from ocr_model.session import Output

CHARACTERS = Charset("abcdefgh")
COLUMNS, LATER = 8, 4


def end(text: str, *, sure: float = 0.9, expert: bool = False) -> Output:
    """Columns that read ``text``, a character each, a dash where there is none."""
    odds = np.full((COLUMNS, CHARACTERS.size), (1 - sure) / (CHARACTERS.size - 1), dtype=np.float32)
    for column, character in enumerate(text):
        odds[column, 0 if character == "-" else CHARACTERS.encode(character)[0]] = sure
    return Output(np.log(odds)[None], [1.0], np.array([expert]))


def read(output: Output) -> str:
    (reading,) = decode_all(output.columns, CHARACTERS, [NO_CONSTRAINT], output.temperatures)
    return reading.text


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        # The left end's columns from the fifth on are the right end's first.
        ("a-b-c-d-", "c-d-e-f-", "abcdef"),
        # Each end misreads the character that it cuts off.
        ("a-b-c--g", "g--e-f--", "abcef"),
        ("ab--cd-h", "cd-e-f--", "abcdef"),
        # Each end sees it a column off, on both sides of the middle.
        ("a-b---d-", "-d--e-f-", "abdef"),
        ("--------", "--------", ""),
        ("a-b-----", "-----e-f", "abef"),
    ],
)
def test_what_both_ends_see_is_read_once(left: str, right: str, text: str) -> None:
    output = joined(end(left), end(right), later=LATER)
    assert output.columns.shape == (1, COLUMNS + LATER, CHARACTERS.size)
    assert read(output) == text


def test_each_image_is_joined_where_it_is_blank() -> None:
    pairs = [("abcd-e--", "-e--fgh-"), ("abc-de--", "de--fgh-"), ("a-b-cde-", "cde-fgh-")]
    left, right = (
        Output(np.concatenate([end(pair[side]).columns for pair in pairs]), [1.0] * 3, np.array([False] * 3))
        for side in (0, 1)
    )
    together = joined(left, right, later=LATER)
    alone = [joined(end(first), end(second), later=LATER).columns[0] for first, second in pairs]
    assert (together.columns == np.stack(alone)).all()


def test_an_end_that_an_expert_read_makes_it_the_expert_s() -> None:
    assert not joined(end("a"), end("b"), later=LATER).by_expert.any()
    assert joined(end("a"), end("b", expert=True), later=LATER).by_expert.all()
    assert joined(end("a", expert=True), end("b"), later=LATER).by_expert.all()
