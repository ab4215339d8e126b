from pathlib import Path

import numpy as np
import pytest

from ocr_model.errors import CharsetError
from tests.unit.train import toy
from train.errors import TrainingError
from train.shards import draw_shard, read_shard, remove_shard, shard_path, write_shard


def test_a_shard_is_a_function_of_seed_and_number() -> None:
    first, again, other = (draw_shard(toy.draw, seed=1, number=number, images=6) for number in (3, 3, 4))
    assert first.labels == again.labels
    np.testing.assert_array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


def test_a_longer_shard_begins_with_the_same_images() -> None:
    short, long = (draw_shard(toy.draw, seed=1, number=0, images=n) for n in (3, 6))
    assert long.labels[:3] == short.labels


def test_labels_beyond_the_charset_are_refused_by_name() -> None:
    with pytest.raises(CharsetError, match="ß"):
        draw_shard(toy.draw_unknown, seed=1, number=0, images=1)


def test_a_rare_fault_costs_one_image_and_no_run() -> None:
    assert len(draw_shard(toy.draw_failing, seed=1, number=0, images=8).labels) == 8


def test_a_drawing_that_always_fails_ends_the_run() -> None:
    with pytest.raises(TrainingError, match="failed"):
        draw_shard(toy.draw_never, seed=1, number=0, images=1)


def test_what_is_written_is_read_and_what_is_removed_is_gone(tmp_path: Path) -> None:
    shard = draw_shard(toy.draw, seed=1, number=5, images=4)
    write_shard(tmp_path, 5, shard)
    back = read_shard(tmp_path, 5)
    np.testing.assert_array_equal(back.images, shard.images)
    assert (back.labels, back.styles) == (shard.labels, shard.styles)
    remove_shard(tmp_path, 5)
    remove_shard(tmp_path, 5)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["missing", "cut", "pickled", "fewer labels"])
def test_a_damaged_shard_is_an_error(tmp_path: Path, damage: str) -> None:
    write_shard(tmp_path, 0, draw_shard(toy.draw, seed=1, number=0, images=2))
    path = shard_path(tmp_path, 0)
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "pickled":
        np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    else:
        path.with_suffix(".json").write_text('{"labels": ["A"], "styles": ["x"]}')
    with pytest.raises(TrainingError):
        read_shard(tmp_path, 0)
