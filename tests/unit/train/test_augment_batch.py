"""Variation of whole batches, on the CPU by the same code as on a GPU."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr_model.reader import Reader
from ocr_model.weights import base_folder
from train.augment_batch import augment_batch
from train.shards import Shard, draw_shard
from train.synth import draw
from train.synth.sample import Sample


def draw_neat(rng: np.random.Generator) -> Sample:
    return draw(rng, style="neat")


@pytest.fixture(scope="module")
def neat() -> Shard:
    return draw_shard(draw_neat, seed=1, number=0, images=64)


def varied(images: NDArray[np.uint8], seed: int) -> Tensor:
    return augment_batch(torch.from_numpy(images), torch.Generator().manual_seed(seed))


def test_the_same_seed_varies_alike_and_the_input_stays(neat: Shard) -> None:
    before = neat.images.copy()
    one, two, other = (varied(neat.images, seed) for seed in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    np.testing.assert_array_equal(neat.images, before)


def test_shape_and_type_stay(neat: Shard) -> None:
    images = varied(neat.images, 1)
    assert images.shape == neat.images.shape
    assert images.dtype == torch.uint8
    assert images.is_contiguous()


def test_one_image_alone_is_varied_too(neat: Shard) -> None:
    assert varied(neat.images[:1], 1).shape == (1, 48, 160, 3)


def test_texts_stay_readable(neat: Shard) -> None:
    reader = Reader.load(base_folder())

    def read(images: NDArray[np.uint8]) -> int:
        found = reader.examine(images, neat.labels)
        return sum(
            reading.text.lower() == label.lower() for (reading, _), label in zip(found, neat.labels, strict=True)
        )

    before = read(neat.images)
    assert before > 50
    assert all(read(varied(neat.images, seed).numpy()) > 0.75 * before for seed in range(3))


def test_images_of_one_batch_do_not_all_meet_the_same(neat: Shard) -> None:
    same = np.repeat(neat.images[:1], 32, axis=0)
    assert len({image.numpy().tobytes() for image in varied(same, 1)}) == 32
