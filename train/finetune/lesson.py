"""What a worker of a retrain learns from and with, read anew from what the driver has planned."""

import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.checkpoint import load_any_network
from ocr_model.manifest import Manifest
from ocr_model.network import Recogniser
from ocr_model.routed_network import RoutedRecogniser
from train.finetune.dataset import read_dataset
from train.finetune.examples import Examples, usable
from train.finetune.grow import grown
from train.finetune.memory import recall_again
from train.finetune.plan import PLAN_FILE, Plan, Retrain
from train.finetune.prepare import parent_folder
from train.finetune.store import Folder


class Lesson(NamedTuple):
    """What a worker learns from and with.

    Attributes:
        plan: the driver's.
        train: examples to learn from.
        held_out: examples that only tell how far the learning is.
        remembered: examples of earlier retrains, gone over again.
        parent: the serving model's manifest.
        serving: its network, or its two.
        before: the network that learns as it begins: the serving model's expert or, where there is none, a copy of
            its only network; grown to the plan's charset.
    """

    plan: Plan
    train: Examples
    held_out: Examples
    remembered: Examples
    parent: Manifest
    serving: Recogniser | RoutedRecogniser
    before: Recogniser

    @property
    def new(self) -> frozenset[str]:
        """Characters that the serving model does not know."""
        return frozenset(self.plan.charset) - frozenset(self.parent.charset)

    @property
    def charset(self) -> Charset:
        """The candidate's."""
        return Charset(self.plan.charset)

    @property
    def general(self) -> Recogniser:
        """The network that goes on reading what nobody taught."""
        return self.serving.general if isinstance(self.serving, RoutedRecogniser) else self.serving

    @property
    def taught(self) -> NDArray[np.uint8]:
        """Pictures of all kinds that the candidate's expert has learnt from."""
        return np.concatenate([self.train.pixels, self.remembered.pixels])


def read_lesson(retrain: Retrain) -> Lesson:
    """Read again what the driver has planned: this may be another machine.

    Raises:
        DatasetError: the dataset was altered or is malformed.
        StoreError: something cannot be read.
        CheckpointError: the serving model is no whole model.
    """
    request = retrain.request
    plan = Plan.model_validate_json(retrain.temp.read(PLAN_FILE))
    wanted = {*plan.train, *plan.held_out}
    posted = read_dataset(Folder.at(request.dataset), sha256=request.dataset_sha256)
    scratch = retrain.scratch / f"pixels-{os.getpid()}.npy"
    examples, _ = usable([example for example in posted if example.index in wanted], scratch)
    scratch.unlink()  # what is mapped stays until the process ends
    rows = {index: row for row, index in enumerate(examples.indices)}
    serving, manifest = load_any_network(parent_folder(request.parent, retrain.scratch))
    learning = serving.expert if isinstance(serving, RoutedRecogniser) else serving
    return Lesson(
        plan,
        examples.of([rows[index] for index in plan.train]),
        examples.of([rows[index] for index in plan.held_out]),
        recall_again(request.remembered, plan.remembered, retrain.scratch),
        manifest,
        serving,
        grown(learning, manifest.charset_object, Charset(plan.charset), seed=plan.seed),
    )
