import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.train import toy
from train.augment import augment, jiggle
from train.shards import draw_shard


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return draw_shard(toy.draw, seed=1, number=0, images=64).images


def test_the_same_seed_varies_alike_and_the_input_stays(images: NDArray[np.uint8]) -> None:
    before = images.copy()
    one, two, other = (augment(images, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(images, before)


def test_shape_and_type_stay(images: NDArray[np.uint8]) -> None:
    varied = augment(images, np.random.default_rng(1))
    assert varied.shape == images.shape
    assert varied.dtype == np.uint8


def test_ink_stays_apart_from_paper(images: NDArray[np.uint8]) -> None:
    # Contrast is at least 0.7 of 255 before clipping; noise and one line hardly move the extremes.
    varied = augment(images, np.random.default_rng(1)).astype(np.int16)
    spread = np.percentile(varied, 98, axis=(1, 2, 3)) - np.percentile(varied, 2, axis=(1, 2, 3))
    assert spread.min() > 120


def test_some_images_are_inverted_and_most_are_not(images: NDArray[np.uint8]) -> None:
    paper = np.median(images, axis=(1, 2, 3)) > 127
    varied = np.median(augment(images, np.random.default_rng(1)), axis=(1, 2, 3)) > 127
    inverted = (paper != varied).mean()
    assert 0.05 < inverted < 0.5


@pytest.mark.parametrize("seed", range(40))
def test_what_is_jiggled_stays_in_the_picture(seed: int) -> None:
    image = np.full((48, 160, 3), 255, np.uint8)
    image[10:38, 12:148] = 0
    moved = jiggle(image, np.random.default_rng(seed))
    assert moved.shape == image.shape
    assert not np.array_equal(moved, image)
    ink = (moved < 128).sum() / (image < 128).sum()
    assert 0.7 < ink < 1.1
    assert (moved[[0, -1]] > 128).mean() > 0.9
    assert (moved[:, [0, -1]] > 128).mean() > 0.9


def test_edges_are_repeated_beyond_a_jiggled_picture() -> None:
    image = np.full((48, 160, 3), (10, 200, 90), np.uint8)
    np.testing.assert_array_equal(jiggle(image, np.random.default_rng(3)), image)
