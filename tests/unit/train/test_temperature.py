import numpy as np
import pytest
from numpy.typing import NDArray

from ocr_model.charset import Charset
from train.temperature import fit_temperature

pytestmark = pytest.mark.slow

CHARSET = Charset("AB")


def logits(rng: np.random.Generator, *, sharpness: float, images: int = 200) -> tuple[NDArray[np.float32], list[str]]:
    """Make one-character texts whose classes are drawn from probabilities, and logits ``sharpness`` times too far."""
    odds = rng.normal(size=images)
    labels = ["A" if rng.random() < 1 / (1 + np.exp(-odd)) else "B" for odd in odds]
    scores = np.full((images, 3, 3), -30.0)
    scores[:, (0, 2), 0] = 0.0
    scores[:, 1, 1], scores[:, 1, 2] = odds * sharpness, 0.0
    scores -= np.log(np.exp(scores).sum(axis=2, keepdims=True))
    return scores.astype(np.float32), labels


@pytest.mark.parametrize("sharpness", [0.6, 1.0, 3.0])
def test_the_temperature_undoes_overconfidence(sharpness: float) -> None:
    scores, labels = logits(np.random.default_rng(4), sharpness=sharpness, images=400)
    assert fit_temperature(scores, labels, CHARSET) == pytest.approx(sharpness, rel=0.35)
