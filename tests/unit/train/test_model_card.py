import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ocr_model.charset import BASE_CHARSET
from ocr_model.evaluation import Evaluation, summary
from ocr_model.manifest import FileDigest, Lineage, Manifest
from ocr_model.scoring import Read, score
from tests.unit.train import toy
from train.errors import DatasetError
from train.model_card import Peer, Peers, main, read_peers, render

MANIFEST = Manifest(
    version="base-1",
    created=datetime(2026, 1, 1, tzinfo=UTC),
    charset=BASE_CHARSET,
    network=toy.TINY,
    temperature=1.25,
    metrics={"training_hours": 1.5, "held_out/exact": 40.0, "held_out/exact_ignoring_case": 45.5},
    lineage=Lineage(run="base", steps=12_345, images=678_900, seed=7),
    files={
        "model.safetensors": FileDigest(sha256="0" * 64, bytes=5_000_000),
        "model.onnx": FileDigest(sha256="0" * 64, bytes=4_900_000),
    },
)


@pytest.fixture
def peers(tmp_path: Path) -> Path:
    path = tmp_path / "peers.csv"
    path.write_text(
        "peer,family,n,exact_cs,exact_ci\n"
        "one,lepture_digits,2,0,60.0\ntwo,lepture_digits,2,0,70.0\none,gvcode,2,0,10.0\ntwo,gvcode,2,0,0.0\n"
    )
    return path


def measured() -> str:
    half = [Read("Ab", "ab", 0.5), Read("no", "", 0.5)]
    whole = [Read("12", "12", 1.0), Read("no", "", 0.0)]
    told = summary(
        {"gvcode": Evaluation(half, score(half)), "lepture_digits": Evaluation(whole, score(whole))},
        version="base-1",
    )
    return json.dumps(told)


def test_the_best_peer_of_each_family_is_found(peers: Path) -> None:
    best = {"lepture_digits": Peer("two", 70.0), "gvcode": Peer("one", 10.0)}
    assert read_peers(peers) == Peers(best, alone=Peer("one", 35.0), readers=2)


def test_the_card_says_what_was_measured(peers: Path) -> None:
    card = render(MANIFEST, json.loads(measured()), peers=peers, machine="a test")
    for line in (
        "| gvcode | 50.0 | 0.0 | 75.0 | 0.50 | 10 (one) |",
        "| lepture_digits * | 50.0 | 50.0 | 50.0 | 0.50 | 70 (two) |",
        "| **mean** | 50.0 | 25.0 | 62.5 | 0.50 | 35.0 (one, best alone); 40.0 (each family's best) |",
        "| mean of the never seen | 50.0 | 0.0 | 75.0 | 0.50 |  |",
    ):
        assert line in card.splitlines()
    # Confidences 0.5, 0.5 (both wrong), 1.0 (right) and 0.0 (wrong); the unseen family's are the first two.
    assert (
        "Over all 4 images the expected calibration error (15 bins) is 0.250, over the never seen families 0.500."
        in card
    )
    assert (
        "Wrong are 0.0 % of the surest 25%, 50.0 % of the surest 50%, 66.7 % of the surest 75%, 75.0 % of all" in card
    )
    assert "12,345 steps over 678,900 images" in card
    assert "`model.safetensors` 5.0 MB, `model.onnx` 4.9 MB" in card
    assert "{" not in card


def test_the_card_says_of_which_models_the_weights_are_the_mean(peers: Path) -> None:
    mean = MANIFEST.model_copy(update={"lineage": MANIFEST.lineage.model_copy(update={"run": "mean of a-1, b-2"})})
    report = json.loads(measured())
    assert "over the steps, and the mean of a-1, b-2.\n" in render(mean, report, peers=peers, machine="a test")
    assert "over the steps.\n" in render(MANIFEST, report, peers=peers, machine="a test")


@pytest.mark.parametrize(
    "text", [None, "peer,family,exact_ci\n", "peer,family\na,b\n", "peer,family,exact_ci\na,b,much\n"]
)
def test_a_table_that_is_none_is_an_error(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "peers.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DatasetError, match=r"no table|no peer"):
        read_peers(path)


def test_a_report_of_other_weights_is_refused(tmp_path: Path, peers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = MANIFEST.model_copy(update={"version": "base-2"})
    monkeypatch.setattr("train.model_card.verify", lambda _: other)
    told = tmp_path / "report.json"
    told.write_text(measured())
    with pytest.raises(DatasetError, match=r"base-1.*base-2"):
        main(tmp_path, told, peers)
    assert not (tmp_path / "MODEL_CARD.md").exists()
