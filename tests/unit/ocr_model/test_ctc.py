"""The decoder against brute force over every path, where that is still possible."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.constraint import Constraint
from ocr_model.ctc import decode, decode_all
from ocr_model.errors import ConstraintError
from ocr_model.path import best_path, text_path
from ocr_model.text_probability import text_probability

AB = Charset("ab")
BLANK, A, B = 0, 1, 2


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result.astype(np.float32)


@st.composite
def columns(draw: st.DrawFn, classes: int = 3, most: int = 6) -> NDArray[np.float32]:
    steps = draw(st.integers(1, most))
    logits = draw(arrays(np.float32, (steps, classes), elements=st.floats(-6, 6, width=32)))
    return log_softmax(logits)


def reads_as(path: tuple[int, ...], charset: Charset) -> str:
    return charset.decode([index for index, _ in itertools.groupby(path) if index != BLANK])


def all_paths(log_probs: NDArray[np.float32], charset: Charset) -> list[tuple[float, str]]:
    """Give the log-probability and the text of every path."""
    steps, classes = log_probs.shape
    return [
        (float(sum(log_probs[t, c] for t, c in enumerate(path))), reads_as(path, charset))
        for path in itertools.product(range(classes), repeat=steps)
    ]


def pointing_at(*path: int, classes: int = 3, sure: float = 8.0) -> NDArray[np.float32]:
    logits = np.zeros((len(path), classes), dtype=np.float32)
    logits[np.arange(len(path)), list(path)] = sure
    return log_softmax(logits)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((A, A, A), "a"),
        ((A, BLANK, A), "aa"),
        ((A, A, BLANK, BLANK, A, B, B), "aab"),
        ((BLANK, BLANK), ""),
        ((BLANK, B, A, BLANK), "ba"),
        ((A, B, A), "aba"),
    ],
)
def test_repeats_are_merged_before_blanks_are_dropped(path: tuple[int, ...], text: str) -> None:
    reading = decode(pointing_at(*path), AB)
    assert reading.text == text
    assert len(reading.character_confidences) == len(text)
    assert reading.confidence > 0.9


def told(paths: list[tuple[float, str]], text: str) -> float:
    """The probability of a text: the sum over its paths."""
    return sum(math.exp(score) for score, other in paths if other == text)


@settings(max_examples=120, deadline=None)
@given(columns())
def test_the_free_answer_is_no_less_likely_than_the_best_paths_text(log_probs: NDArray[np.float32]) -> None:
    reading = decode(log_probs, AB)
    paths = all_paths(log_probs, AB)
    best = reads_as(tuple(best_path(log_probs)), AB)
    assert reading.confidence == pytest.approx(told(paths, reading.text), rel=1e-4)
    assert reading.confidence >= told(paths, best) * 0.9999


def test_the_likeliest_text_is_found_where_the_best_path_is_of_another() -> None:
    """The worked example of prefix search: two blanks are the best path (0.36), "a" the likeliest text (0.64)."""
    reading = decode(np.log(np.array([[0.6, 0.4], [0.6, 0.4]], dtype=np.float32)), Charset("a"))
    assert reading.text == "a"
    assert reading.confidence == pytest.approx(0.64)
    assert reading.character_confidences == pytest.approx((0.4,))


@pytest.mark.slow
def test_the_search_seldom_misses_the_likeliest_text() -> None:
    rng = np.random.default_rng(8)
    found = found_by_path = 0
    for _ in range(150):
        log_probs = log_softmax(rng.normal(size=(5, 4), scale=2).astype(np.float32))
        paths = all_paths(log_probs, Charset("abc"))
        totals: dict[str, float] = {}
        for score, text in paths:
            totals[text] = totals.get(text, 0.0) + math.exp(score)
        best = max(totals, key=lambda text: totals[text])
        found += decode(log_probs, Charset("abc")).text == best
        found_by_path += max(paths)[1] == best
    assert found_by_path < 110
    assert found > 140


@settings(max_examples=150, deadline=None)
@given(
    log_probs=columns(classes=4, most=5),
    characters=st.sampled_from([None, "a", "ab", "bc", "abcz"]),
    least=st.integers(0, 3),
    spare=st.one_of(st.none(), st.integers(0, 2)),
)
def test_constrained_decoding_keeps_the_free_answer_or_finds_the_best_path_allowed(
    log_probs: NDArray[np.float32], characters: str | None, least: int, spare: int | None
) -> None:
    charset = Charset("abc")
    chosen = None if characters is None else frozenset(characters)
    constraint = Constraint(chosen, least, None if spare is None else max(1, least + spare))
    allowed = [
        (score, text)
        for score, text in all_paths(log_probs, charset)
        if set(text) <= set(characters or "abc")
        and len(text) >= least
        and (constraint.max_length is None or len(text) <= constraint.max_length)
    ]
    if not allowed:
        with pytest.raises(ConstraintError, match="min_length"):
            decode(log_probs, charset, constraint)
        return
    reading = decode(log_probs, charset, constraint)
    assert reading.text in {text for _, text in allowed}
    if reading.text != decode(log_probs, charset, Constraint(chosen)).text:
        best = max(score for score, _ in allowed)
        scores = [score for score, text in allowed if text == reading.text]
        likelier = told(allowed, reading.text) >= max(told(allowed, text) for score, text in allowed if score == best)
        assert likelier or max(scores) == pytest.approx(best, abs=1e-4)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(columns(classes=4, most=5))
def test_a_texts_path_is_the_best_that_reads_so(log_probs: NDArray[np.float32]) -> None:
    charset = Charset("abc")
    paths = all_paths(log_probs, charset)
    for text in {text for _, text in paths}:
        path = text_path(log_probs, np.array(charset.encode(text), dtype=np.intp))
        assert reads_as(tuple(path), charset) == text
        best = max(score for score, other in paths if other == text)
        assert log_probs[np.arange(len(path)), path].sum() == pytest.approx(best, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(columns(classes=4, most=5))
def test_confidence_is_conditional_on_the_allowed_characters(log_probs: NDArray[np.float32]) -> None:
    charset = Charset("abc")
    reading = decode(log_probs, charset, Constraint(characters=frozenset("ac")))
    within = [(math.exp(s), text) for s, text in all_paths(log_probs, charset) if "b" not in text]
    told = sum(p for p, text in within if text == reading.text) / sum(p for p, _ in within)
    assert reading.confidence == pytest.approx(told, rel=1e-3)


def test_probabilities_of_all_texts_sum_to_one() -> None:
    log_probs = log_softmax(np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32))
    texts = {text for _, text in all_paths(log_probs, AB)}
    total = sum(text_probability(log_probs, np.array(AB.encode(text), dtype=np.intp)) for text in texts)
    assert total == pytest.approx(1, abs=1e-5)


def test_a_constraint_that_the_free_answer_meets_changes_nothing() -> None:
    log_probs = log_softmax(np.random.default_rng(4).normal(size=(40, 63), scale=3).astype(np.float32))
    charset = Charset("".join(map(chr, range(0x4E00, 0x4E00 + 62))))
    free = decode(log_probs, charset)
    length = min(20, len(free.text))
    assert decode(log_probs, charset, Constraint(min_length=length)) == free
    assert decode(log_probs, charset, Constraint(max_length=len(free.text))) == free


@pytest.mark.parametrize("characters", [None, "a"])
def test_twenty_characters_fit_into_forty_columns(characters: str | None) -> None:
    chosen = None if characters is None else frozenset(characters)
    for path in ([BLANK] * 40, [A] * 40):
        reading = decode(pointing_at(*path), AB, Constraint(chosen, min_length=20, max_length=20))
        assert len(reading.text) == 20
        assert len(reading.character_confidences) == 20


def test_impossible_columns_still_give_an_allowed_answer() -> None:
    """Probabilities down to float32's smallest, on a text that the constraint excludes."""
    reading = decode(pointing_at(*[A, BLANK] * 20, sure=200), AB, Constraint(frozenset("b"), 3, 3))
    assert reading.text == "bbb"
    assert 0 <= reading.confidence <= 1


def test_unknown_characters_are_ignored_unless_none_is_left() -> None:
    log_probs = pointing_at(A, BLANK, B)
    assert decode(log_probs, AB, Constraint(frozenset("aé"))).text == "a"
    with pytest.raises(ConstraintError, match="'é'"):
        decode(log_probs, AB, Constraint(frozenset("é")))


@given(columns(classes=4, most=6), st.sampled_from([0.5, 1.5, 4.0, 20.0]))
def test_the_answer_does_not_depend_on_the_temperature(log_probs: NDArray[np.float32], temperature: float) -> None:
    assert decode(log_probs, Charset("abc"), temperature=temperature).text == decode(log_probs, Charset("abc")).text


def test_temperature_changes_the_confidence_but_not_the_text() -> None:
    log_probs = pointing_at(A, BLANK, B, sure=4)
    plain, softer = decode(log_probs, AB), decode(log_probs, AB, temperature=3)
    assert softer.text == plain.text
    assert softer.confidence < plain.confidence
    assert max(softer.character_confidences) < min(plain.character_confidences)


def test_character_confidence_is_the_peak_of_its_run() -> None:
    log_probs = np.log(
        np.array([[0.1, 0.6, 0.3], [0.05, 0.9, 0.05], [0.8, 0.1, 0.1], [0.2, 0.1, 0.7]], dtype=np.float32)
    )
    assert decode(log_probs, AB).character_confidences == pytest.approx((0.9, 0.7), abs=1e-5)


def test_images_read_together_are_read_as_alone_to_the_last_bit() -> None:
    charset = Charset("".join(map(chr, range(0x4E00, 0x4E00 + 62))))
    rng = np.random.default_rng(5)
    sure = [np.ones((40, 63)), rng.choice([1.0, 3.0], size=(40, 63)), np.eye(63)[rng.integers(0, 63, 40)] * 9]
    together = [log_softmax((rng.normal(size=(40, 63)) * scale).astype(np.float32)) for scale in (*sure, *sure, *sure)]
    some = frozenset(charset.characters[:9])
    constraints = (
        [Constraint()] * 3 + [Constraint(some)] * 3 + [Constraint(None, 5, 9), Constraint(some, 2), Constraint()]
    )
    temperatures = [1.0, 0.8, 1.3] * 3
    readings = decode_all(together, charset, constraints, temperatures)
    assert len({len(reading.text) for reading in readings}) > 3
    assert readings == [
        decode(columns, charset, constraint, temperature=temperature)
        for columns, constraint, temperature in zip(together, constraints, temperatures, strict=True)
    ]
    assert decode_all([], charset, [], []) == []
