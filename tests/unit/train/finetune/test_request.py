import json

import pytest

from tests.unit.train.finetune.made import fields
from train.errors import TrainingError
from train.finetune.request import parse_request


def test_a_request_as_its_writer_spells_it_is_taken() -> None:
    request = parse_request(json.dumps(fields()).encode())
    assert (request.workers, request.cpus_per_worker, request.parent.folder) == (1, 0.5, None)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"format": 2}, "format"),
        ({"retrain_id": "../evil"}, "retrain_id"),
        ({"dataset_sha256": "abc"}, "dataset_sha256"),
        ({"workers": 0}, "workers"),
        ({"train_s": 0}, "train_s"),
        ({"significance": 1}, "significance"),
        ({"golden_margin_points": -1}, "golden_margin_points"),
        ({"parent": {"version": "x"}}, "parent.folder"),
        ({"epochs": 3}, "epochs"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], named: str) -> None:
    with pytest.raises(TrainingError, match=rf"request\.json is not valid \({named}: "):
        parse_request(json.dumps(fields(**change)).encode())


def test_what_is_no_json_is_said_so() -> None:
    with pytest.raises(TrainingError, match="its syntax"):
        parse_request(b"{")
