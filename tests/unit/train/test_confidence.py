import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocr_model.evaluation import Evaluation, summary
from ocr_model.scoring import Read, score
from train.confidence import Answers, main

READS = {
    "a": [Read("1", "1", 0.9), Read("2", "3", 0.8), Read("4", "4", 0.3)],
    "b": [Read("x", "X", 0.6)],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    told = summary({name: Evaluation(reads, score(reads)) for name, reads in READS.items()}, version="v1")
    path = tmp_path / "report.json"
    path.write_text(json.dumps(told))
    return path


def test_answers_are_those_of_the_named_sets(path: Path) -> None:
    told = json.loads(path.read_text())
    assert Answers(told, ["b"]).calibration_error == pytest.approx(0.6)
    everything = Answers(told)
    assert everything.right == [True, False, True, False]
    assert everything.calibration_error == pytest.approx((0.1 + 0.8 + 0.7 + 0.6) / 4)
    assert [everything.risk_at(share) for share in (0.01, 0.25, 0.5, 0.75, 1)] == [0, 0, 1 / 2, 2 / 3, 1 / 2]


@pytest.mark.slow
def test_the_picture_shows_two_curves(path: Path, tmp_path: Path) -> None:
    main(path, tmp_path / "deep" / "confidence.png")
    with Image.open(tmp_path / "deep" / "confidence.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    orange = (pixels[..., 0] > pixels[..., 2] + 100).nonzero()[1]
    blue = (pixels[..., 2] > pixels[..., 0] + 100).nonzero()[1]
    middle = pixels.shape[1] / 2
    assert 0 < orange.max() < middle < blue.min()
