import io
from pathlib import Path

import pytest
from PIL import Image

from tests.unit.train.finetune.made import png
from train.finetune.dataset import Example
from train.finetune.examples import Dropped, Fault, columns_needed, counts, usable


def sift(tmp_path: Path, *posted: tuple[bytes, str]) -> tuple[list[int], list[str], list[Dropped]]:
    examples, dropped = usable([Example(i, *item) for i, item in enumerate(posted)], tmp_path / "pixels.npy")
    assert examples.pixels.shape == (len(examples.labels), 48, 160, 3)
    return examples.indices, examples.labels, dropped


def test_of_equal_examples_one_stays(tmp_path: Path) -> None:
    assert sift(tmp_path, (png(1), "a"), (png(2), "b"), (png(1), "a")) == (
        [0, 1],
        ["a", "b"],
        [Dropped(2, Fault.DUPLICATE)],
    )


def test_contradicting_labels_are_all_left_out(tmp_path: Path) -> None:
    indices, _, dropped = sift(tmp_path, (png(1), "a"), (png(2), "b"), (png(1), "A"))
    assert indices == [1]
    assert dropped == [Dropped(0, Fault.CONTRADICTION), Dropped(2, Fault.CONTRADICTION)]


def test_the_same_picture_in_another_file_is_a_duplicate(tmp_path: Path) -> None:
    again = io.BytesIO()
    Image.open(io.BytesIO(png(1))).save(again, "BMP")
    assert sift(tmp_path, (png(1), "a"), (again.getvalue(), "a"))[2] == [Dropped(1, Fault.DUPLICATE)]


def test_labels_are_composed_before_they_are_compared(tmp_path: Path) -> None:
    indices, labels, dropped = sift(tmp_path, (png(1), "e\u0301"), (png(1), "\u00e9"))
    assert (indices, labels) == ([0], ["\u00e9"])
    assert dropped == [Dropped(1, Fault.DUPLICATE)]


@pytest.mark.parametrize(
    ("image", "label", "fault"),
    [
        (png(1), "x" * 21, Fault.TOO_LONG),
        (png(1), "a\tb", Fault.UNPRINTABLE),
        (b"no image", "ab", Fault.NOT_IMAGE),
    ],
)
def test_what_cannot_be_learnt_is_left_out_by_name(tmp_path: Path, image: bytes, label: str, fault: Fault) -> None:
    indices, _, dropped = sift(tmp_path, (image, label), (png(2), "ok"))
    assert indices == [1]
    assert dropped == [Dropped(0, fault)]
    assert counts(dropped)[fault] == 1
    assert sum(counts(dropped).values()) == 1


@pytest.mark.parametrize(("label", "columns"), [("", 0), ("abc", 3), ("aab", 4), ("aaa", 5), ("x" * 20, 39)])
def test_equal_neighbours_need_a_column_between(label: str, columns: int) -> None:
    assert columns_needed(label) == columns
