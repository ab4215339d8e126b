from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.train import toy
from train.errors import TrainingError
from train.settings import DataSettings
from train.shards import draw_shard, shard_path, write_shard
from train.stream import Plan, Position, Stream

DATA = DataSettings(shard_images=16, uses=3, use_gap=2, augment=True)


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    for number in range(8):
        write_shard(tmp_path, number, draw_shard(toy.draw, seed=1, number=number, images=16))
    return tmp_path


def stream(folder: Path, *, rank: int = 0, world: int = 1, data: DataSettings = DATA) -> Stream:
    return Stream(folder=folder, data=data, batch=4, seed=9, rank=rank, world=world)


def test_each_shard_is_used_as_often_as_asked() -> None:
    plan = Plan(DATA, step_images=4)
    used = Counter(shard for number in range(40) for shard in plan.shards(number))
    assert {used[shard] for shard in range(30)} == {3}


def test_a_shard_is_spent_only_after_its_last_use() -> None:
    plan = Plan(DATA, step_images=4)
    for number in range(1, 20):
        later = {shard for after in range(number, 40) for shard in plan.shards(after)}
        assert plan.spent(number) not in later
        assert plan.spent(number) in plan.shards(number - 1) or plan.spent(number) < 0


@pytest.mark.parametrize(
    ("step", "position"),
    [(0, (0, 0)), (3, (0, 3)), (4, (1, 0)), (8, (2, 0)), (15, (2, 7)), (16, (3, 0)), (24, (4, 0)), (36, (5, 0))],
)
def test_steps_fall_into_rounds(step: int, position: tuple[int, int]) -> None:
    # Rounds 0 and 1 have one shard of 4 batches, rounds 2 and 3 two, all later ones three.
    assert Plan(DATA, step_images=4).position(step) == Position(*position)


def test_a_shard_smaller_than_a_step_is_refused() -> None:
    with pytest.raises(TrainingError, match="less than a step"):
        Plan(DATA, step_images=17)


@pytest.mark.slow
def test_the_stream_resumes_at_any_step(shards: Path) -> None:
    whole = list(islice(stream(shards).batches(0), 20))
    for step in (1, 9):
        for expected, batch in zip(whole[step:], stream(shards).batches(step), strict=False):
            torch.testing.assert_close(batch, expected)


def test_a_round_uses_every_image_once(shards: Path) -> None:
    plain = DATA.model_copy(update={"augment": False})
    seen = torch.cat([batch.images for batch in islice(stream(shards, data=plain).batches(8), 8)])
    written = np.concatenate([np.load(shard_path(shards, number)) for number in (2, 0)])
    assert Counter(map(bytes, seen.numpy())) == Counter(map(bytes, written))


def test_workers_share_a_step_without_overlap(shards: Path) -> None:
    plain = DATA.model_copy(update={"augment": False})
    data = plain.model_copy(update={"uses": 1})
    halves = [list(islice(stream(shards, rank=rank, world=2, data=data).batches(0), 2)) for rank in (1, 0)]
    seen = torch.cat([batch.images for half in halves for batch in half])
    assert Counter(map(bytes, seen.numpy())) == Counter(map(bytes, np.load(shard_path(shards, 0))))


def test_spent_shards_are_removed_and_others_stay(shards: Path) -> None:
    list(islice(stream(shards).batches(0), 4 + 4 + 8 + 8 + 12 + 1))
    assert not shard_path(shards, 0).exists()
    assert all(shard_path(shards, number).exists() for number in range(1, 8))


def test_targets_spell_the_labels(shards: Path) -> None:
    batch = next(stream(shards).batches(0))
    assert batch.images.dtype == torch.uint8
    assert batch.images.shape == (4, 48, 160, 3)
    assert set(batch.targets.tolist()) <= {11, 12}  # "A" and "B" in the base charset
    assert int(batch.lengths.sum()) == len(batch.targets)


def test_shards_of_another_size_are_refused(shards: Path) -> None:
    data = DATA.model_copy(update={"shard_images": 32})
    with pytest.raises(TrainingError, match="the settings say 32"):
        next(stream(shards, data=data).batches(0))
