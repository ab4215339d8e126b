from pathlib import Path

import numpy as np
import pytest

from ocr_model.charset import BASE_CHARSET, Charset
from tests.unit.train.finetune.made import png, write_dataset
from train.finetune.dataset import Example
from train.finetune.examples import Examples, usable
from train.finetune.memory import Memory, recall, recall_again
from train.finetune.request import Remembered

CHARSET = Charset(BASE_CHARSET + "λ")


def examples(count: int, *, first: int = 0, label: str = "λ7") -> list[Example]:
    return [Example(i, png(first + i), label) for i in range(count)]


def remembered(folder: Path, posted: list[Example]) -> Remembered:
    return Remembered(dataset=str(folder), dataset_sha256=write_dataset(folder, posted))


def recalled(
    datasets: list[Remembered], scratch: Path, *, own: list[Example] | None = None, images: int = 40
) -> Memory:
    posted, _ = usable(own or examples(1, first=900), scratch / "own.npy")
    return recall(datasets, images=images, charset=CHARSET, own=posted, scratch=scratch)


def pictures(found: Examples) -> set[bytes]:
    return {pixels.tobytes() for pixels in np.asarray(found.pixels)}


def test_each_earlier_dataset_gives_examples_to_train_on_and_others_that_judge(tmp_path: Path) -> None:
    datasets = [
        remembered(tmp_path / "new", examples(30, first=100, label="b2")),
        remembered(tmp_path / "old", examples(30)),
    ]
    memory = recalled(datasets, tmp_path)
    assert [len(part.labels) for part in memory.train] == [15, 15]
    assert memory.held.labels == ["b2"] * 5 + ["λ7"] * 5
    again = recall_again(datasets, [part.indices for part in memory.train], tmp_path)
    assert sorted(again.labels) == ["b2"] * 15 + ["λ7"] * 15
    assert len(pictures(again)) == 30
    assert pictures(again).isdisjoint(pictures(memory.held))


def test_the_same_ones_judge_whatever_is_posted(tmp_path: Path) -> None:
    datasets = [remembered(tmp_path / "old", examples(30))]
    first = recalled(datasets, tmp_path)
    second = recalled(datasets, tmp_path, own=examples(3, first=500))
    assert pictures(first.held) == pictures(second.held)


def test_pictures_that_were_posted_again_count_as_posted(tmp_path: Path) -> None:
    datasets = [remembered(tmp_path / "old", examples(30))]
    memory = recalled(datasets, tmp_path, own=examples(29, label="b2"))
    assert sum(len(part.labels) for part in memory.train) + len(memory.held.labels) == 1


@pytest.mark.parametrize("how", ["gone", "altered", "in other characters"])
def test_what_cannot_be_gone_over_is_passed_over(tmp_path: Path, how: str) -> None:
    old = remembered(tmp_path / "old", examples(30, label="水" if how == "in other characters" else "λ7"))
    if how == "gone":
        old = old.model_copy(update={"dataset": str(tmp_path / "nowhere")})
    if how == "altered":
        old = old.model_copy(update={"dataset_sha256": "0" * 64})
    datasets = [old, remembered(tmp_path / "older", examples(30, first=100))]
    memory = recalled(datasets, tmp_path)
    assert [len(part.labels) for part in memory.train] == [0, 15]
    assert len(recall_again(datasets, [part.indices for part in memory.train], tmp_path).labels) == 15


def test_with_nothing_before_there_is_nothing(tmp_path: Path) -> None:
    memory = recalled([], tmp_path)
    assert memory.train == []
    assert memory.held.pixels.shape == (0, 48, 160, 3)
