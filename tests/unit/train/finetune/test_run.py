"""A retrain with real files and readers; what Ray Train would leave is made here."""

import json
from pathlib import Path

import pytest

from ocr_model.scoring import Read
from tests.unit.train.finetune.made import fields, toy_examples, untrained, write_dataset, write_retrain
from train.errors import DatasetError, TrainingError
from train.finetune.dataset import Example
from train.finetune.events import EventLog
from train.finetune.plan import Plan, Retrain
from train.finetune.prepare import nothing_to_gain
from train.finetune.request import parse_request
from train.finetune.run import run_retrain
from train.finetune.verdict import Verdict

pytestmark = pytest.mark.slow


class Fitting:
    """Leaves a random network as the candidate, and what it was told to train on."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []

    def __call__(self, retrain: Retrain, _: EventLog) -> None:
        self.plans.append(Plan.model_validate_json(retrain.temp.read("plan.json")))
        local = retrain.folder.local
        assert local is not None
        untrained(local / "candidate")


@pytest.fixture
def parent(tmp_path: Path) -> dict[str, object]:
    manifest = untrained(tmp_path / "parent")
    return {"version": manifest.version, "folder": str(tmp_path / "parent")}


def run(folder: Path, fitting: Fitting) -> Verdict:
    verdict = run_retrain(str(folder), fitting)
    assert Verdict.model_validate_json((folder / "verdict.json").read_bytes()) == verdict
    assert not (folder / "temp").exists()
    return verdict


def kinds(folder: Path) -> list[str]:
    return [json.loads(line)["kind"] for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_candidate_that_learnt_nothing_is_rejected_with_both_scores(
    tmp_path: Path, parent: dict[str, object]
) -> None:
    fitting = Fitting()
    folder = write_retrain(tmp_path, toy_examples(40), parent=parent)
    verdict = run(folder, fitting)
    assert verdict.outcome == "reject"
    assert "Not shown to be better" in verdict.reason
    assert verdict.held_out is not None
    assert verdict.golden is not None
    assert verdict.held_out.n == len(fitting.plans[0].held_out)
    assert sorted(fitting.plans[0].held_out + fitting.plans[0].train) == list(range(40))
    assert kinds(folder) == ["dataset", "evaluating", "verdict"]


def test_examples_of_earlier_retrains_are_trained_on_and_judge(tmp_path: Path, parent: dict[str, object]) -> None:
    earlier = {
        "dataset": str(tmp_path / "earlier"),
        "dataset_sha256": write_dataset(tmp_path / "earlier", toy_examples(40, seed=6)),
    }
    fitting = Fitting()
    verdict = run(write_retrain(tmp_path, toy_examples(40), parent=parent, remembered=[earlier]), fitting)
    assert verdict.remembered is not None
    assert verdict.remembered.n == 10
    (again,) = fitting.plans[0].remembered
    assert len(set(again)) == 30


def test_a_verdict_stands_when_the_job_is_run_again(tmp_path: Path, parent: dict[str, object]) -> None:
    fitting = Fitting()
    folder = write_retrain(tmp_path, toy_examples(40), parent=parent)
    first = run(folder, fitting)
    assert run_retrain(str(folder), fitting) == first
    assert len(fitting.plans) == 1


def test_too_few_examples_give_a_verdict_without_training(tmp_path: Path, parent: dict[str, object]) -> None:
    fitting = Fitting()
    twice = toy_examples(19)
    examples = [*twice, *[Example(19 + example.index, example.image, example.label) for example in twice]]
    verdict = run(write_retrain(tmp_path, examples, parent=parent), fitting)
    assert (verdict.outcome, verdict.candidate_version, fitting.plans) == ("reject", None, [])
    assert "Only 19 of the posted examples" in verdict.reason
    assert verdict.dropped.counts["duplicate"] == 19


def test_one_label_gives_a_verdict_without_training(tmp_path: Path, parent: dict[str, object]) -> None:
    fitting = Fitting()
    examples = [Example(example.index, example.image, "same") for example in toy_examples(30)]
    verdict = run(write_retrain(tmp_path, examples, parent=parent), fitting)
    assert fitting.plans == []
    assert "one label, 'same'" in verdict.reason


def test_where_nothing_can_be_gained_nothing_is_trained(tmp_path: Path, parent: dict[str, object]) -> None:
    from ocr_model.reader import Reader  # noqa: PLC0415

    # The labels are what the serving model reads at a look, by which it is judged, whatever that is.
    reader = Reader.load(Path(str(parent["folder"])), again_below=0)
    examples: list[Example] = []
    for example in toy_examples(60):
        answer = reader.read([example.image])[0]
        label = getattr(answer, "text", "")
        if label and len(label) <= 20:
            examples.append(Example(len(examples), example.image, label))
    fitting = Fitting()
    folder = write_retrain(tmp_path, examples, parent=parent, min_examples=2)
    verdict = run(folder, fitting)
    assert verdict.outcome == "reject"
    assert fitting.plans == []
    assert "already reads" in verdict.reason or "one label" in verdict.reason


@pytest.mark.parametrize(
    ("misread", "unsure", "useless"),
    [(0, 20, True), (3, 0, True), (5, 0, False), (3, 10, False)],
)
def test_what_a_faultless_model_could_not_show_is_no_gain(misread: int, unsure: int, *, useless: bool) -> None:
    reads = [Read("ab", "ac", 0.9, 0.0)] * misread + [Read("ab", "ab", 0.6, 0.6)] * unsure
    reads += [Read("ab", "ab", 1.0, 1.0)] * 20
    reason = nothing_to_gain(parse_request(json.dumps(fields()).encode()), reads)
    assert (reason is not None) == useless


def test_contradictions_and_new_characters_are_told(tmp_path: Path, parent: dict[str, object]) -> None:
    examples = toy_examples(40)
    examples[7] = Example(7, examples[7].image, "ß1")
    examples.append(Example(40, examples[3].image, "other"))
    verdict = run(write_retrain(tmp_path, examples, parent=parent), Fitting())
    assert {(item.index, item.why) for item in verdict.dropped.examples} == {
        (3, "contradiction"),
        (40, "contradiction"),
    }
    assert verdict.new_characters == "ß"


def test_an_altered_dataset_leaves_no_verdict(tmp_path: Path, parent: dict[str, object]) -> None:
    folder = write_retrain(tmp_path, toy_examples(40), parent=parent, dataset_sha256="0" * 64)
    with pytest.raises(DatasetError, match="SHA-256"):
        run_retrain(str(folder), Fitting())
    assert not (folder / "verdict.json").exists()


def test_a_failed_training_leaves_no_verdict(tmp_path: Path, parent: dict[str, object]) -> None:
    def fail(retrain: Retrain, events: EventLog) -> None:
        raise TrainingError("A training worker failed.")

    folder = write_retrain(tmp_path, toy_examples(40), parent=parent)
    with pytest.raises(TrainingError, match="worker failed"):
        run_retrain(str(folder), fail)
    assert not (folder / "verdict.json").exists()
