"""What is laid under and over the text: as much of it as asked, and no more than leaves the text readable."""

import numpy as np
import pytest
from PIL import Image

from train.synth import backgrounds, clutter
from train.synth.colours import WHITE
from train.synth.covered_styles import grainy
from train.synth.sample import Dice

BLACK = (0, 0, 0)


@pytest.fixture
def dice() -> Dice:
    return Dice(np.random.default_rng(11))


def covered(image: Image.Image) -> float:
    """The share of pixels that are not white."""
    return float((np.asarray(image) != 255).any(axis=2).mean())


def test_clouds_vary_about_their_colour(dice: Dice) -> None:
    grounds = [np.asarray(backgrounds.clouds(dice, (160, 60), (120, 130, 140)), np.float32) for _ in range(20)]
    assert np.mean(grounds, axis=(0, 1, 2)) == pytest.approx([120, 130, 140], abs=12)
    assert all(3 < ground.std(axis=(0, 1)).max() < 90 for ground in grounds)


@pytest.mark.parametrize("block", [1, 2])
def test_grain_covers_the_share_asked_for(dice: Dice, block: int) -> None:
    shares = [covered(grainy(dice, Image.new("RGB", (161, 61), WHITE), BLACK, block, 0.3)) for _ in range(40)]
    assert max(shares) == pytest.approx(0.3, abs=0.04)
    # Some leave up to half of the image free.
    assert min(shares) > 0.12
    assert np.median(shares) == pytest.approx(0.3, abs=0.03)


def test_a_thicket_leaves_most_of_a_small_image_free(dice: Dice) -> None:
    for _ in range(20):
        image = Image.new("RGB", (60, 20), WHITE)
        clutter.thicket(dice, image, clutter.fixed(BLACK), 160, 8.0)
        assert 0.05 < covered(image) < 0.5
