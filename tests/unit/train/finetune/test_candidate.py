"""What a training leaves, without the training: the general part stays, the expert takes what was learnt."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.checkpoint import load_any_network
from ocr_model.network import Recogniser
from ocr_model.reader import Reader
from ocr_model.routed_network import RoutedRecogniser
from tests.unit.train import toy
from tests.unit.train.finetune.made import fields, untrained
from train.finetune.candidate import has_candidate, leave_candidate
from train.finetune.examples import Examples, joined
from train.finetune.grow import grown
from train.finetune.lesson import Lesson
from train.finetune.plan import Plan, Retrain
from train.finetune.recipe import Recipe
from train.finetune.request import RetrainRequest
from train.state import Position

pytestmark = pytest.mark.slow

WIDE = Charset(BASE_CHARSET).extended(["Γ"])
RECIPE = Recipe(draw="tests.unit.train.toy:draw", router_images=32, blend_images=16)


def examples(count: int, seed: int) -> Examples:
    samples = [toy.draw(np.random.default_rng([seed, i])) for i in range(count)]
    return Examples(np.stack([s.image for s in samples]), [s.label for s in samples], list(range(count)))


def retrain(folder: Path, parent: Path, number: int) -> Retrain:
    request = fields(retrain_id=f"{number:032x}", parent={"version": "parent", "folder": str(parent)})
    folder.mkdir()
    return Retrain(str(folder), RetrainRequest.model_validate(request), RECIPE)


def lesson(parent: Path, charset: Charset) -> Lesson:
    serving, manifest = load_any_network(parent)
    learning = serving.expert if isinstance(serving, RoutedRecogniser) else serving
    train, held_out = examples(24, 1), examples(8, 2)
    plan = Plan(charset=charset.characters, train=train.indices, held_out=held_out.indices, seed=1)
    before = grown(learning, manifest.charset_object, charset, seed=1)
    return Lesson(plan, train, held_out, joined([]), manifest, serving, before)


def learnt(like: Recogniser, seed: int) -> Recogniser:
    torch.manual_seed(seed)
    network = Recogniser(like.classes, like.config)
    torch.nn.init.normal_(network.classify.weight, std=3)
    return network.eval()


def leave(folder: Path, parent: Path, charset: Charset, seed: int) -> Path:
    work = retrain(folder, parent, seed)
    taught = lesson(parent, charset)
    leave_candidate(work, taught, after=learnt(taught.before, seed), position=Position(step=3, images=96))
    assert has_candidate(work)
    return folder / "candidate"


def test_two_retrains_one_after_the_other_leave_the_general_network_as_it_was(tmp_path: Path) -> None:
    untrained(tmp_path / "parent")
    first = leave(tmp_path / "first", tmp_path / "parent", WIDE, 11)
    second = leave(tmp_path / "second", first, WIDE, 12)
    general, _ = load_any_network(tmp_path / "parent")
    assert isinstance(general, Recogniser)
    for folder in (first, second):
        network, manifest = load_any_network(folder)
        assert isinstance(network, RoutedRecogniser)
        torch.testing.assert_close(network.general.state_dict(), general.state_dict())
        assert (manifest.general_classes, manifest.charset) == (general.classes, WIDE.characters)
        assert manifest.metrics["expert/held_out"] == 100
    torch.testing.assert_close(
        load_any_network(second)[0].state_dict()["expert.classify.weight"], learnt_weights(second, 12)
    )


def learnt_weights(folder: Path, seed: int) -> torch.Tensor:
    """What the training left, if the whole of it was kept."""
    network, manifest = load_any_network(folder)
    assert isinstance(network, RoutedRecogniser)
    assert manifest.metrics["blend"] == 1
    return learnt(network.expert, seed).classify.weight.detach()


def test_what_nobody_taught_is_answered_as_before_to_the_last_bit(tmp_path: Path) -> None:
    untrained(tmp_path / "parent")
    left = leave(tmp_path / "retrain", tmp_path / "parent", WIDE, 11)
    strange = np.random.default_rng(3).integers(0, 256, (20, 48, 160, 3)).astype(np.uint8)
    before, after = Reader.load(tmp_path / "parent"), Reader.load(left)
    for old, new in zip(before.recognise(strange), after.recognise(strange), strict=True):
        assert (new.text, new.confidence) == (old.text, old.confidence)
