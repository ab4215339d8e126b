"""The probabilities of texts against sums over every path."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr_model.text_probability import text_probabilities

STEPS = 5


def columns(rng: np.random.Generator, classes: int) -> NDArray[np.float32]:
    given = rng.dirichlet(np.ones(classes), size=STEPS)
    return np.log(given).astype(np.float32)


def over_all_paths(log_probs: NDArray[np.float32], text: tuple[int, ...]) -> float:
    total = 0.0
    for path in itertools.product(range(log_probs.shape[1]), repeat=STEPS):
        if tuple(index for index, _ in itertools.groupby(path) if index) == text:
            total += float(np.exp(sum(log_probs[step, index] for step, index in enumerate(path))))
    return total


def test_texts_of_any_length_are_summed_side_by_side() -> None:
    rng = np.random.default_rng(2)
    texts = [(), (1,), (1, 1), (1, 2, 1), (2, 2, 2), (1, 2, 1, 2, 1), (1, 1, 1, 1), (3, 1, 3)]
    each = [columns(rng, 4 if 3 in text else 3) for text in texts]
    told = text_probabilities(each, [np.array(text, dtype=np.intp) for text in texts])
    assert told == pytest.approx([over_all_paths(c, text) for c, text in zip(each, texts, strict=True)], rel=1e-5)
    assert told[6] == 0, "four equal characters need seven columns"


def test_no_text_is_more_than_certain() -> None:
    sure = np.full((40, 2), -np.inf, dtype=np.float32)
    sure[:, 0] = 1e-6
    assert text_probabilities([sure], [np.zeros(0, dtype=np.intp)]).tolist() == [1.0]
    assert text_probabilities([], []).tolist() == []
