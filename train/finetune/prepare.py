"""Before the training: what was posted is sifted and split, or found to be nothing to learn from."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ocr_model.reader import Reader
from ocr_model.scoring import Read
from ocr_model.weights import base_folder
from train.finetune.dataset import read_dataset
from train.finetune.examples import Dropped, Examples, joined, usable
from train.finetune.memory import recall
from train.finetune.paired_test import chance_of_gain
from train.finetune.plan import PLAN_FILE, Plan, Retrain
from train.finetune.request import Parent, RetrainRequest
from train.finetune.split import held_out_count, hold_out
from train.finetune.store import Folder

_SAMPLE = 1000
"""Examples that the serving model reads before the split: enough to know how often it errs."""

_BATCH = 16


class Prepared(NamedTuple):
    """What the gate needs besides the candidate.

    Attributes:
        posted: number of examples posted.
        examples: the usable ones.
        dropped: the others.
        new: characters that the serving model does not know, in order.
        trained: rows of ``examples`` to train on.
        held: rows held out.
        serving: what the serving model reads on those held out.
        remembered: examples of earlier retrains that judge, too.
    """

    posted: int
    examples: Examples
    dropped: list[Dropped]
    new: str
    trained: list[int]
    held: list[int]
    serving: list[Read]
    remembered: Examples


def parent_folder(parent: Parent, scratch: Path) -> Path:
    """Find the serving model's folder here, downloading it if it lies elsewhere.

    Raises:
        StoreError: it cannot be read.
        CheckpointError: it is the shipped model, and there is none.
    """
    return base_folder() if parent.folder is None else Folder.at(parent.folder).fetch(scratch / "parent")


def prepare(retrain: Retrain, serving: Reader) -> Prepared:
    """Read, sift and split the dataset, and write the plan for the workers.

    The same request gives the same split.

    Raises:
        DatasetError: the dataset was altered or is malformed.
        StoreError: something cannot be read or written.
    """
    request = retrain.request
    posted = read_dataset(Folder.at(request.dataset), sha256=request.dataset_sha256)
    examples, dropped = usable(posted, retrain.scratch / "pixels.npy")
    known = serving.charset
    wide = known.extended(examples.labels)
    seed = zlib.crc32(request.dataset_sha256.encode())
    new = wide.characters[len(known.characters) :]
    if nothing_to_learn(request, examples) is not None:
        return Prepared(len(posted), examples, dropped, new, [], [], [], joined([]))
    sample = np.random.default_rng(seed).permutation(len(examples.labels))[:_SAMPLE].tolist()
    right = [False] * len(examples.labels)
    for row, read in zip(sample, read_examples(serving, examples.of(sample)), strict=True):
        right[row] = read.text == read.truth
    misread = 1 - sum(right) / len(sample)
    trained, held = hold_out(
        examples.labels,
        count=held_out_count(len(examples.labels), misread=misread),
        seed=seed,
        right=right,
        new=frozenset(new),
    )
    memory = recall(
        request.remembered,
        images=retrain.recipe.remembered_images,
        charset=known,
        own=examples,
        scratch=retrain.scratch,
    )
    plan = Plan(
        charset=wide.characters,
        train=[examples.indices[row] for row in trained],
        held_out=[examples.indices[row] for row in held],
        remembered=[part.indices for part in memory.train],
        seed=seed,
    )
    retrain.temp.put(PLAN_FILE, plan.model_dump_json().encode())
    serves = read_examples(serving, examples.of(held))
    return Prepared(len(posted), examples, dropped, new, trained, held, serves, memory.held)


def nothing_to_learn(request: RetrainRequest, examples: Examples) -> str | None:
    """Say in one sentence why these examples cannot teach anything; None if they can."""
    count = len(examples.labels)
    if count < request.min_examples:
        return f"Only {count} of the posted examples can be learnt from; at least {request.min_examples} are needed."
    if len(set(examples.labels)) == 1:
        return f"All {count} usable examples have one label, {examples.labels[0]!r}: nothing can be told apart."
    return None


def nothing_to_gain(request: RetrainRequest, serving: Sequence[Read]) -> str | None:
    """Say in one sentence that no model can be shown to be better here; None if one could."""
    misread = sum(read.text != read.truth for read in serving)
    of_truth = [read.of_truth for read in serving]
    if misread and chance_of_gain(of_truth, [1.0] * len(serving)) < request.significance:
        return None
    return (
        f"The serving model already reads {len(serving) - misread} of the {len(serving)} held-out examples: "
        f"even a faultless model could not be told from it (p < {request.significance:g} is asked for)."
    )


def read_examples(reader: Reader, examples: Examples) -> list[Read]:
    """Read examples with a model folder's own reader, as the replicas do, and ask how probable the labels are."""
    reads: list[Read] = []
    for first in range(0, len(examples.labels), _BATCH):
        labels = examples.labels[first : first + _BATCH]
        pixels = np.array(examples.pixels[first : first + _BATCH])
        reads += [
            Read(label, reading.text, reading.confidence, of_truth)
            for label, (reading, of_truth) in zip(labels, reader.examine(pixels, labels), strict=True)
        ]
    return reads
