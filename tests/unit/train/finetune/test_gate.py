import json
import re

import pytest

from ocr_model.scoring import Read
from tests.unit.train.finetune.made import fields
from train.finetune.gate import judge
from train.finetune.request import RetrainRequest, parse_request
from train.finetune.verdict import Golden, HeldOut, RememberedPart


def request(**changes: object) -> RetrainRequest:
    return parse_request(json.dumps(fields(**changes)).encode())


def reads(right: int, wrong: int) -> list[Read]:
    return [Read("a", "a", of_truth=1.0)] * right + [Read("a", "b", of_truth=0.0)] * wrong


def held_out(gained: int, lost: int, *, both: int = 50) -> HeldOut:
    return HeldOut.of(
        [*reads(both, 0), *reads(0, gained), *reads(lost, 0)], [*reads(both, 0), *reads(gained, 0), *reads(0, lost)]
    )


def golden(serving: int, candidate: int, margin_points: float = 1.0) -> Golden:
    return Golden.of(reads(serving, 200 - serving), reads(candidate, 200 - candidate), margin_points=margin_points)


@pytest.mark.parametrize(
    ("held", "gold", "outcome", "why"),
    [
        (held_out(20, 1), golden(100, 100), "promote", "Better: 98.6 %"),
        (held_out(5, 0), golden(100, 98), "promote", r"p = 0\.03"),
        (held_out(4, 0), golden(100, 120), "reject", r"Not shown to be better.*gained 4, lost 0, p = 0\.06"),
        (held_out(0, 0), golden(100, 100), "reject", "Not shown to be better"),
        (held_out(8, 2), golden(100, 100), "reject", r"p = 0\.05"),
        (held_out(1, 20), golden(100, 100), "reject", "Not shown to be better"),
        (held_out(20, 1), golden(100, 97), "reject", r"forgets: 48\.5 % of 200 golden images"),
    ],
)
def test_the_rule(held: HeldOut, gold: Golden, outcome: str, why: str) -> None:
    judgement = judge(request(), held, gold)
    assert judgement.outcome == outcome

    assert re.search(why, judgement.reason), judgement.reason


@pytest.mark.parametrize(
    ("gained", "lost", "outcome"), [(0, 0, "promote"), (0, 4, "promote"), (5, 8, "promote"), (0, 5, "reject")]
)
def test_what_earlier_retrains_taught_must_not_be_forgotten(gained: int, lost: int, outcome: str) -> None:
    before = [*reads(50, 0), *reads(0, gained), *reads(lost, 0)]
    after = [*reads(50, 0), *reads(gained, 0), *reads(0, lost)]
    judgement = judge(request(), held_out(20, 1), golden(100, 100), RememberedPart.of(before, after))
    assert judgement.outcome == outcome
    assert ("earlier retrains" in judgement.reason) == (outcome == "reject")


def test_a_debug_run_is_never_promoted_and_tells_its_scores() -> None:
    judgement = judge(request(debug=True), held_out(20, 1), golden(100, 120))
    assert judgement.outcome == "reject"
    assert "debug run is never rolled out" in judgement.reason
    assert "98.6 %" in judgement.reason
    assert "60.0 %" in judgement.reason


def test_a_stricter_request_is_held_to() -> None:
    assert judge(request(significance=0.01), held_out(5, 0), golden(100, 100)).outcome == "reject"


def test_a_fall_within_the_margin_is_told_as_it_is() -> None:
    assert golden(100, 98).fallen_points == 1.0
    assert golden(100, 104).fallen_points == -2.0
