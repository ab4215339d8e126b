"""Those who draw begin where the run does, however far its workers are by then."""

from pathlib import Path

import pytest

from tests.support.waiting import wait_for
from tests.unit.train import toy
from train.drawing import DrawingPool
from train.shards import draw_shard, shard_path, write_shard

FIRST = 3


@pytest.mark.slow
def test_what_another_worker_waits_for_is_drawn_although_one_is_further(tmp_path: Path) -> None:
    data = toy.settings().data.model_copy(update={"resident_images": 64})
    # Worker 0 found its shard of an earlier start on disk before those who draw had even begun.
    shard = draw_shard(toy.draw, seed=1, number=FIRST + 1, images=data.shard_images)
    write_shard(tmp_path, FIRST + 1, shard)
    pool = DrawingPool(folder=tmp_path, names=toy.NAMES, seed=1, data=data, first=FIRST)
    pool.round.value = FIRST + 3
    with pool:
        # Drawn in their order: all before it are there by then.
        wait_for(shard_path(tmp_path, FIRST + 5).exists, timeout_s=60)
    assert shard_path(tmp_path, FIRST).exists()
