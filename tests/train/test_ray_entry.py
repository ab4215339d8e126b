"""The same miniature pretraining under Ray Train."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ocr_model.reader import Reader
from tests.unit.train import toy
from train.settings import DataSettings
from train.state import newest_state, read_position

pytestmark = [pytest.mark.train, pytest.mark.slow]


@pytest.mark.timeout(170)
def test_ray_workers_train_to_the_end(tmp_path: Path) -> None:
    data = DataSettings(shard_images=32, uses=2, use_gap=1, validation_images=8, easy_shards=1)
    settings = toy.settings(steps=4, workers=2, data=data)
    path = tmp_path / "settings.json"
    path.write_text(settings.model_dump_json(), encoding="utf-8")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.train.pretrain_toy", str(tmp_path / "run"), str(path), "ray"],
        check=False,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=160,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    state = newest_state(tmp_path / "run" / "states")
    assert state is not None
    position = read_position(state)
    assert (position.step, position.images) == (4, 4 * 8 * 2)
    assert Reader.load(tmp_path / "run" / "models" / state.name).manifest.lineage.steps == 4
