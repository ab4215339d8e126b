"""A whole pretraining in miniature: real processes, real drawing, real export."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from torch.multiprocessing.spawn import ProcessRaisedException

from ocr_model.reader import Reader
from tests.unit.train import toy
from train.errors import TrainingError
from train.pretrain import pretrain
from train.settings import DataSettings, PretrainSettings
from train.state import newest_state, read_position

pytestmark = pytest.mark.train

DATA = DataSettings(shard_images=32, uses=2, use_gap=1, validation_images=8, easy_shards=1)


def run_settings(**changes: object) -> PretrainSettings:
    return toy.settings(**({"steps": 6, "workers": 2, "data": DATA} | changes))  # type: ignore[arg-type]


def test_two_workers_train_export_and_then_have_nothing_left_to_do(tmp_path: Path) -> None:
    pretrain(tmp_path, run_settings(), names=toy.NAMES)
    state = newest_state(tmp_path / "states")
    assert state is not None
    position = read_position(state)
    assert (position.step, position.progress, position.images) == (6, 1.0, 6 * 2 * 8)
    model = tmp_path / "models" / state.name
    reader = Reader.load(model)
    assert reader.manifest.lineage.steps == 6
    before = (model / "manifest.json").stat().st_mtime_ns
    pretrain(tmp_path, run_settings(), names=toy.NAMES)
    assert (model / "manifest.json").stat().st_mtime_ns == before


@pytest.mark.parametrize("stop", ["SIGTERM", "Ctrl-C"])
def test_a_signal_saves_and_a_restart_ends_the_run(tmp_path: Path, stop: str) -> None:
    settings = run_settings(steps=100_000, data=DATA.model_copy(update={"drawers": 1}))
    path = tmp_path / "settings-in.json"
    path.write_text(settings.model_dump_json(), encoding="utf-8")
    command = [sys.executable, "-m", "tests.train.pretrain_toy", str(tmp_path / "run"), str(path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "step 2 " in line:
                if stop == "SIGTERM":
                    process.send_signal(signal.SIGTERM)
                else:  # a terminal sends it to all, those who draw too
                    os.killpg(process.pid, signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 0, rest
    state = newest_state(tmp_path / "run" / "states")
    assert state is not None
    step = read_position(state).step
    assert step >= 2
    assert not (tmp_path / "run" / "models").exists()

    path.write_text(json.dumps(json.loads(settings.model_dump_json()) | {"steps": step + 2}))
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    assert (tmp_path / "run" / "models" / f"step-{step + 2:08d}").is_dir()


def test_images_that_stay_on_the_device_train_and_a_restart_goes_on(tmp_path: Path) -> None:
    data = DATA.model_copy(update={"resident_images": 256, "easy_shards": 0, "augment": True, "known_kept": 0.1})
    pretrain(tmp_path, run_settings(data=data), names=toy.NAMES)
    pretrain(tmp_path, run_settings(data=data, steps=10), names=toy.NAMES)
    state = newest_state(tmp_path / "states")
    assert state is not None
    position = read_position(state)
    assert (position.step, position.images) == (10, 10 * 2 * 8)
    assert Reader.load(tmp_path / "models" / state.name).manifest.lineage.steps == 10


def test_a_gpu_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProcessRaisedException, match="torch sees no GPU here"):
        pretrain(tmp_path, run_settings(device="cuda", workers=1), names=toy.NAMES)


def test_what_is_known_already_is_judged_by_the_model_that_the_run_starts_from(tmp_path: Path) -> None:
    data = DATA.model_copy(update={"known_kept": 0.1, "easy_shards": 0, "ahead": 1})
    pretrain(tmp_path / "first", run_settings(), names=toy.NAMES)
    model = next((tmp_path / "first" / "models").iterdir())
    settings = run_settings(data=data, start_from=model)
    pretrain(tmp_path / "second", settings, names=toy.NAMES)
    parent = Reader.load(next((tmp_path / "second" / "models").iterdir())).manifest.lineage.parent
    assert parent == Reader.load(model).version

    (model / "model.onnx").write_bytes(b"")
    with pytest.raises(TrainingError, match="draws training images has ended"):
        pretrain(tmp_path / "third", settings, names=toy.NAMES)
