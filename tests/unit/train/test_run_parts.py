"""The parts of a run around its loop: held-out set, reporters, export, curriculum, settings."""

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.folder import verify
from ocr_model.manifest import Lineage
from ocr_model.network import Recogniser
from tests.unit.train import toy
from tests.unit.train.finetune.made import untrained
from train.average import Average
from train.board import TensorBoardReporter
from train.curriculum import EASY_STYLES, draw_easy
from train.drawing import DrawNames, find_draw
from train.errors import TrainingError
from train.export_run import export_run
from train.loop import make_optimiser
from train.reporters import LogReporter, Reporters
from train.settings import PretrainSettings
from train.state import Position, save_state
from train.validation import read_all, validation_set


def test_the_held_out_set_is_drawn_once(tmp_path: Path) -> None:
    first = validation_set(tmp_path, toy.draw, seed=1, images=5)
    again = validation_set(tmp_path, toy.draw_never, seed=1, images=5)
    assert again.labels == first.labels


def test_reading_puts_a_text_beside_every_truth(tmp_path: Path) -> None:
    shard = validation_set(tmp_path, toy.draw, seed=1, images=5)
    network = Recogniser(Charset(BASE_CHARSET).size, toy.TINY)
    assert [read.truth for read in read_all(network, shard)] == shard.labels


def test_reports_reach_the_log_and_tensorboard(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reporters = Reporters([LogReporter(), TensorBoardReporter(tmp_path)])
    with caplog.at_level(logging.INFO):
        reporters.report(3, {"loss": 0.25})
    assert "step 3  loss 0.25" in caplog.text
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [(e.step, e.value) for e in events.Scalars("loss")] == [(3, 0.25)]


def test_easy_pictures_are_short_and_clean() -> None:
    samples = [draw_easy(np.random.default_rng(i)) for i in range(12)]
    assert {sample.style for sample in samples} <= set(EASY_STYLES)
    assert all(3 <= len(sample.label) <= 5 for sample in samples)
    assert all(set(sample.label) <= set(BASE_CHARSET[:36]) for sample in samples)


@pytest.mark.parametrize("name", ["train.nothing:draw", "train.synth:nothing", "draw"])
def test_a_drawing_function_that_is_not_there_is_an_error(name: str) -> None:
    with pytest.raises(TrainingError, match="no drawing function"):
        find_draw(name)


def test_the_default_drawing_functions_are_there() -> None:
    assert callable(find_draw(DrawNames().full))
    assert callable(find_draw(DrawNames().easy))


def make_state(run: Path, settings: PretrainSettings) -> torch.Tensor:
    """Save a state whose average differs from its network; gives one of the average's weights."""
    run.mkdir()
    (run / "settings.json").write_text(settings.model_dump_json(), encoding="utf-8")
    network = Recogniser(Charset(BASE_CHARSET).size, settings.network)
    average = Average(network, 0.9)
    with torch.no_grad():
        network.classify.bias.fill_(9.0)
    position = Position(step=3, progress=1.0, images=24, elapsed_s=36.0)
    optimiser = make_optimiser(network, settings)
    save_state(run / "states", position=position, network=network, average=average.network, optimiser=optimiser)
    bias: torch.Tensor = average.network.state_dict()["classify.bias"]
    return bias


@pytest.mark.slow
def test_the_average_is_exported_with_scores_and_lineage(tmp_path: Path) -> None:
    parent = untrained(tmp_path / "parent", Lineage(run="before", steps=10, images=80))
    settings = toy.settings(start_from=tmp_path / "parent")
    bias = make_state(tmp_path / "run", settings)
    manifest = export_run(tmp_path / "run", tmp_path / "model", names=toy.NAMES)
    assert verify(tmp_path / "model") == manifest
    assert manifest.lineage == Lineage(
        parent=parent.version,
        parent_sha256=parent.files["model.safetensors"].sha256,
        run="run",
        steps=3,
        images=24,
        total_steps=13,
        total_images=104,
        seed=settings.seed,
    )
    shutil.rmtree(tmp_path / "parent")
    assert export_run(tmp_path / "run", tmp_path / "orphan", names=toy.NAMES).lineage.parent is None
    assert manifest.metrics["held_out/n"] == settings.data.validation_images
    assert manifest.metrics["training_hours"] == 0.01
    assert manifest.network == settings.network
    assert 0.5 <= manifest.temperature <= 4
    assert float(bias.max()) < 9.0


def test_a_run_without_state_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no saved state"):
        export_run(tmp_path, tmp_path / "model")


@pytest.mark.parametrize(
    "change", [{"stepz": 3}, {"steps": 0}, {"optimiser": {"learning_rate": 2.0}}, {"data": {"uses": 0}}]
)
def test_settings_out_of_range_or_misspelt_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PretrainSettings.model_validate(change)


def test_settings_survive_their_file() -> None:
    settings = toy.settings()
    assert PretrainSettings.model_validate_json(settings.model_dump_json()) == settings
