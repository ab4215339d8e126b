"""One retrain from request to verdict."""

import logging
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from ocr_model.reader import Reader
from ocr_model.scoring import Read
from train.finetune.candidate import has_candidate
from train.finetune.doubt import suspects
from train.finetune.events import EventLog
from train.finetune.examples import Dropped, counts
from train.finetune.gate import Judgement, judge
from train.finetune.golden import golden_set
from train.finetune.plan import CANDIDATE, Retrain
from train.finetune.prepare import (
    Prepared,
    nothing_to_gain,
    nothing_to_learn,
    parent_folder,
    prepare,
    read_examples,
)
from train.finetune.recipe import Recipe
from train.finetune.request import REQUEST_FILE, parse_request
from train.finetune.store import Folder
from train.finetune.verdict import (
    VERDICT_FILE,
    Difference,
    DroppedExample,
    DroppedExamples,
    Golden,
    HeldOut,
    RememberedPart,
    SuspectLabel,
    Verdict,
)

logger = logging.getLogger(__name__)

Fit = Callable[[Retrain, EventLog], None]
"""Trains as planned; the candidate is in the retrain's folder when it returns."""

_EXAMPLES, _SUSPECTS, _DROPPED = 20, 50, 50
_SURE = 0.9
"""Confidence from which a label that the candidate contradicts is named to its owner."""

_MANY = 0.3
"""Share of contradicted labels from which the verdict's reason speaks of them."""


def run_retrain(place: str, fit: Fit, *, recipe: Recipe | None = None) -> Verdict:
    """Do what ``request.json`` asks for and write the verdict; one that is there already stands.

    Args:
        place: path or URI of the retrain's folder.
        fit: does the training.
        recipe: of the training.

    Raises:
        TrainingError: there can be no verdict; the message says why.
        CheckpointError: the serving model cannot be read.
    """
    folder = Folder.at(place)
    if folder.exists(VERDICT_FILE):
        return Verdict.model_validate_json(folder.read(VERDICT_FILE))
    request = parse_request(folder.read(REQUEST_FILE))
    retrain = Retrain(place, request, recipe or Recipe())
    serving = Reader.load(parent_folder(request.parent, retrain.scratch))
    prepared = prepare(retrain, serving)
    _tell_dataset(EventLog(folder), prepared)
    useless = nothing_to_learn(request, prepared.examples)
    if useless is None and not request.debug:
        useless = nothing_to_gain(request, prepared.serving)
    if useless is not None:
        verdict = _verdict(retrain, prepared, Judgement("reject", useless))
    else:
        if not has_candidate(retrain):
            fit(retrain, EventLog(folder))
        EventLog(folder).tell("evaluating")
        verdict = _evaluate(retrain, prepared, serving)
    EventLog(folder).tell("verdict", outcome=verdict.outcome, reason=verdict.reason)
    folder.put(VERDICT_FILE, verdict.model_dump_json(indent=1).encode())
    retrain.temp.remove()
    shutil.rmtree(retrain.scratch, ignore_errors=True)
    return verdict


def _tell_dataset(events: EventLog, prepared: Prepared) -> None:
    left_out = counts(prepared.dropped)
    events.tell(
        "dataset",
        examples=prepared.posted,
        used=len(prepared.examples.labels),
        held_out=len(prepared.held),
        duplicates=left_out["duplicate"],
        contradictions=left_out["contradiction"],
        new_characters=prepared.new,
    )


def _evaluate(retrain: Retrain, prepared: Prepared, serving: Reader) -> Verdict:
    """Read everything with both models, as the replicas would, and judge."""
    request = retrain.request
    candidate = Reader.load(_candidate_folder(retrain))
    reads = read_examples(candidate, prepared.examples)
    held = HeldOut.of(prepared.serving, [reads[row] for row in prepared.held])
    images = golden_set(request.golden_images, serving.charset)
    golden = Golden.of(
        read_examples(serving, images),
        read_examples(candidate, images),
        margin_points=request.golden_margin_points,
    )
    remembered = None
    if prepared.remembered.labels:
        remembered = RememberedPart.of(
            read_examples(serving, prepared.remembered), read_examples(candidate, prepared.remembered)
        )
    return _verdict(
        retrain,
        prepared,
        judge(request, held, golden, remembered),
        version=candidate.version,
        held=held,
        golden=golden,
        remembered=remembered,
        reads=reads,
    )


def _candidate_folder(retrain: Retrain) -> Path:
    return retrain.folder.child(CANDIDATE).fetch(retrain.scratch / "fetched")


def _verdict(
    retrain: Retrain,
    prepared: Prepared,
    judgement: Judgement,
    *,
    version: str | None = None,
    held: HeldOut | None = None,
    golden: Golden | None = None,
    remembered: RememberedPart | None = None,
    reads: Sequence[Read] = (),
) -> Verdict:
    examples = prepared.examples
    doubted = suspects(reads, confidence=_SURE)
    reason = judgement.reason
    if judgement.outcome == "reject" and len(doubted) > _MANY * len(examples.labels):
        reason += (
            f" {len(doubted)} of the {len(examples.labels)} labels are surely contradicted by what the candidate "
            "reads: they may belong to other images."
        )
    return Verdict(
        outcome=judgement.outcome,
        reason=reason,
        candidate_version=version,
        debug=retrain.request.debug,
        held_out=held,
        golden=golden,
        remembered=remembered,
        examples=_differences(prepared, reads)[:_EXAMPLES],
        suspects=[
            SuspectLabel(
                index=examples.indices[row],
                label=read.truth,
                read=read.text,
                confidence=round(read.confidence, 4),
            )
            for row, read in doubted[:_SUSPECTS]
        ],
        dropped=_dropped(prepared.dropped),
        new_characters=prepared.new,
    )


def _differences(prepared: Prepared, reads: Sequence[Read]) -> list[Difference]:
    return [
        Difference(
            index=prepared.examples.indices[row],
            label=before.truth,
            serving=before.text,
            candidate=reads[row].text,
        )
        for row, before in zip(prepared.held, prepared.serving, strict=True)
        if reads and before.text != reads[row].text
    ]


def _dropped(dropped: Sequence[Dropped]) -> DroppedExamples:
    return DroppedExamples(
        counts=counts(dropped),
        examples=[DroppedExample(index=item.index, why=item.why) for item in dropped[:_DROPPED]],
    )
