"""The shipped model on the images kept for measuring, where they lie beside the project."""

from pathlib import Path

import pytest

from ocr_model.evaluation import evaluate
from ocr_model.labelled import labelled_folders
from ocr_model.reader import Reader
from ocr_model.scoring import mean_score
from ocr_model.weights import base_folder

EVAL = Path(__file__).parents[3] / "shared" / "eval"

pytestmark = pytest.mark.measuring


@pytest.mark.skipif(not EVAL.is_dir(), reason="the images for measuring are not here (../shared/eval)")
def test_the_shipped_model_reads_what_its_card_says() -> None:
    reader = Reader.load(base_folder())
    scores = {name: evaluate(reader, folder).score for name, folder in labelled_folders(EVAL).items()}
    assert scores["lepture_digits"].exact_ignoring_case >= 90
    assert mean_score(list(scores.values())).exact_ignoring_case >= 50
