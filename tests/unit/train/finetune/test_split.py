from collections import Counter

import numpy as np
import pytest

from train.finetune.split import held_out_count, hold_out

LABELS = [f"{'abcd'[i % 4]}{'x' * (i % 3)}{i:03d}" for i in range(240)]
RIGHT = [i % 5 == 0 for i in range(240)]


def split(seed: int = 1, new: str = "", labels: list[str] = LABELS, count: int = 48) -> tuple[list[int], list[int]]:
    return hold_out(labels, count=count, seed=seed, right=RIGHT[: len(labels)], new=frozenset(new))


def test_every_example_is_on_one_side() -> None:
    trained, held = split()
    assert sorted(trained + held) == list(range(240))
    assert len(held) == 48


def test_the_same_seed_splits_alike_and_another_does_not() -> None:
    assert split() == split()
    assert split(2) != split()


@pytest.mark.parametrize("kind", [lambda i: len(LABELS[i]), lambda i: LABELS[i][0], lambda i: RIGHT[i]])
def test_kinds_are_held_out_in_proportion(kind: object) -> None:
    assert callable(kind)
    everywhere, held = Counter(map(kind, range(240))), Counter(map(kind, split()[1]))
    for value, count in everywhere.items():
        assert held[value] == pytest.approx(count / 5, abs=3)


def test_a_new_character_is_trained_on_even_if_it_is_in_one_example() -> None:
    for seed in range(8):
        labels = [*LABELS[:39], "ß"]
        trained, _ = split(seed, "ß", labels, 20)
        assert 39 in trained


@pytest.mark.parametrize(
    ("examples", "misread", "count"),
    [
        (832, 0.5, 166),  # a fifth
        (100, 0.5, 20),
        (100, 0.11, 20),
        (100, 0.08, 25),  # seldom misread: more are needed for two that are
        (30, 0.5, 9),  # ten would be a third; three tenths is the most
        (20, 1.0, 6),
        (100_000, 0.5, 500),
    ],
)
def test_how_many_are_held_out(examples: int, misread: float, count: int) -> None:
    assert held_out_count(examples, misread=misread) == pytest.approx(count, abs=2)


def test_a_model_without_errors_is_no_division_by_zero() -> None:
    assert held_out_count(100, misread=0.0) == 30
    assert np.isfinite(held_out_count(20, misread=0.0))
