import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.errors import ImageError, ImageFault
from ocr_model.evaluation import BATCH, evaluate, summary
from ocr_model.reading import Reading

TEXTS = {b"1": "aB", b"2": "ab", b"3": "xyz"}


class Scripted:
    """Reads what it was told for each content; stands in for a model, whose answers nobody can know."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.constraints: set[Constraint] = set()

    def read(self, images: Sequence[bytes], *, constraint: Constraint = NO_CONSTRAINT) -> list[Reading | ImageError]:
        self.sizes.append(len(images))
        self.constraints.add(constraint)
        return [
            Reading(TEXTS[data], 0.5, ()) if data in TEXTS else ImageError(ImageFault.NOT_IMAGE, "This is no image.")
            for data in images
        ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = ["file,label"]
    for i, (data, label) in enumerate([(b"1", "aB"), (b"2", "aB"), (b"3", "xyzw"), (b"?", "no")]):
        (tmp_path / f"{i}.png").write_bytes(data)
        rows.append(f"{i}.png,{label}")
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_measures_of_a_case_counted_by_hand(folder: Path) -> None:
    score = evaluate(Scripted(), folder).score
    assert (score.n, score.exact, score.exact_ignoring_case) == (4, 25.0, 50.0)
    # Edits: 0, 1 (case), 1 (w), 2 (nothing read) of 10 characters; the unreadable one is sure of nothing.
    assert (score.character_error_rate, score.mean_confidence) == (40.0, 0.375)
    assert score.image_ms is not None
    assert score.image_ms > 0


def test_images_are_read_in_batches_after_one_to_warm_up(folder: Path) -> None:
    rows = "".join("0.png,aB\n" for _ in range(BATCH + 3))
    (folder / "labels.csv").write_text("file,label\n" + rows, encoding="utf-8")
    reader = Scripted()
    evaluate(reader, folder)
    assert reader.sizes == [1, BATCH, 3]


def test_the_constraint_holds_for_every_image(folder: Path) -> None:
    reader, constraint = Scripted(), Constraint(frozenset("ab"))
    evaluate(reader, folder, constraint=constraint)
    assert reader.constraints == {constraint}


def test_the_summary_holds_measures_readings_and_confusions(folder: Path) -> None:
    evaluation = evaluate(Scripted(), folder)
    told = json.loads(json.dumps(summary({"set": evaluation, "same": evaluation}, version="v1")))
    assert told["model_version"] == "v1"
    assert told["sets"]["set"]["exact"] == told["mean"]["exact"] == 25.0
    # Three answers of confidence 0.5, one of them right, and the unreadable image of confidence 0.
    assert told["calibration_error"] == told["mean"]["calibration_error"] == pytest.approx(0.125)
    assert [(read["truth"], read["text"]) for read in told["reads"]["same"]] == [
        ("aB", "aB"),
        ("aB", "ab"),
        ("xyzw", "xyz"),
        ("no", ""),
    ]
    assert told["confusions"][0] == {"truth": "B", "read": "b", "times": 2}
