import pytest

from train.finetune.paired_test import chance_of_gain


def chance(gained: int, lost: int, same: int = 30) -> float:
    before = [0.0] * gained + [1.0] * lost + [0.5] * same
    after = [1.0] * gained + [0.0] * lost + [0.5] * same
    return chance_of_gain(before, after)


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 0.5),
        (5, 0, 1 / 32),
        (0, 5, 1.0),
        (8, 2, 56 / 1024),  # 1 + 10 + 45 of 1024
        (15, 5, 0.020694732666015625),  # binom.sf(14, 20, 0.5)
    ],
)
def test_of_images_read_or_not_it_is_mcnemars(gained: int, lost: int, p: float) -> None:
    assert chance(gained, lost) == pytest.approx(p, abs=0.01)


def test_clearer_readings_count_where_few_were_misread() -> None:
    before = [0.2] * 4 + [0.7] * 10 + [0.99] * 26
    after = [0.95] * 4 + [0.95] * 10 + [0.98] * 26
    assert chance_of_gain(before, after) < 0.001
    assert chance_of_gain(after, before) > 0.999


def test_many_small_losses_do_not_hide_a_few_large_gains() -> None:
    # As a colder calibration of the same model brings about.
    assert chance_of_gain([0.1] * 10 + [0.99] * 30, [0.9] * 10 + [0.96] * 30) < 0.01


def test_noise_is_no_gain() -> None:
    before = [0.5 + 0.4 * (-1) ** i for i in range(40)]
    assert chance_of_gain(before, before[::-1]) > 0.2


def test_no_images_are_no_gain() -> None:
    assert chance_of_gain([], []) == 1.0
