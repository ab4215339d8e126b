import pytest

from train.finetune.mcnemar import one_sided


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
def test_values_known_from_the_binomial_distribution(gained: int, lost: int, p: float) -> None:
    assert one_sided(gained, lost) == pytest.approx(p, rel=1e-12)


def test_counts_beyond_a_float_still_give_a_probability() -> None:
    assert one_sided(3000, 3000) == pytest.approx(0.505, abs=0.001)
    assert one_sided(5000, 0) == 0.0
