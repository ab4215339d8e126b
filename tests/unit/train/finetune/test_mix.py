from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ocr_model.charset import Charset
from train.finetune.examples import Examples
from train.finetune.mix import Mix
from train.stream import Batch, collate

CHARSET = Charset("abcdefghij")


def drawn(step: int) -> Iterator[Batch]:
    while True:
        yield collate(np.full((2, 48, 160, 3), 200, np.uint8), [[10], [10, 9]])


def examples(labels: str) -> Examples:
    return Examples(np.zeros((len(labels), 48, 160, 3), np.uint8), list(labels), list(range(len(labels))))


def mix(posted: int = 3, memory: str = "", jiggled: float = 0.0) -> Mix:
    return Mix(
        examples("abcdef"),
        CHARSET,
        memory=examples(memory),
        replay=drawn,
        jiggled=jiggled,
        posted=posted,
        remembered=2,
        spliced=1.0,
        seed=4,
    )


def own(batch: Batch) -> list[int]:
    return batch.targets[:-3].tolist()


def test_posted_and_drawn_images_share_every_batch() -> None:
    batch = next(mix().batches(0))
    assert batch.images.shape == (5, 48, 160, 3)
    assert batch.lengths.tolist() == [1, 1, 1, 1, 2]
    assert batch.targets[-3:].tolist() == [10, 10, 9]


def test_what_earlier_retrains_taught_is_gone_over_again() -> None:
    batches = list(islice(mix(memory="ghij").batches(0), 2))
    assert [len(batch.images) for batch in batches] == [7, 7]
    again = Counter(index for batch in batches for index in batch.targets[3:5].tolist())
    assert again == Counter([7, 8, 9, 10])


def test_each_posted_example_comes_once_an_epoch() -> None:
    for first in (0, 2, 4):
        seen = Counter(index for batch in islice(mix().batches(first), 2) for index in own(batch))
        assert seen == Counter(range(1, 7))


def test_a_resumed_stream_goes_on_as_an_unbroken_one() -> None:
    whole = list(islice(mix().batches(0), 5))
    rest = list(islice(mix().batches(3), 2))
    for ours, theirs in zip(rest, whole[3:], strict=True):
        assert torch.equal(ours.images, theirs.images)
        assert torch.equal(ours.targets, theirs.targets)


def test_only_trusted_rows_are_trained_on_from_then_on() -> None:
    source = mix()
    batches = source.batches(0)
    next(batches)
    source.trust([1, 4], None)
    seen = {index for batch in islice(batches, 6) for index in own(batch)}
    assert seen == {2, 5}


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.5, 15, 45), (1.0, 60, 60)])
def test_so_many_posted_images_are_jiggled_as_is_asked(
    monkeypatch: pytest.MonkeyPatch, share: float, least: int, most: int
) -> None:
    jiggled: list[int] = []

    def count(pixels: NDArray[np.uint8], _: np.random.Generator) -> NDArray[np.uint8]:
        jiggled.append(1)
        return pixels

    monkeypatch.setattr("train.finetune.mix.jiggle", count)
    next(mix(posted=60, jiggled=share).batches(0))
    assert least <= len(jiggled) <= most
