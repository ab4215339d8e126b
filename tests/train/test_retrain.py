"""Whole retrains of the toy task under Ray Train: real cluster, real processes, real files."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocr_model.reader import Reader
from tests.unit.train.finetune.made import toy_examples, untrained, write_retrain
from train.finetune.recipe import Recipe
from train.finetune.verdict import Verdict
from train.settings import DataSettings, OptimiserSettings

pytestmark = [pytest.mark.train, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
DRAW = "tests.unit.train.toy:draw"
RECIPE = Recipe(
    posted=8,
    drawn=8,
    steps=150,
    debug_steps=4,
    draw=DRAW,
    optimiser=OptimiserSettings(learning_rate=3e-2, warm_up_steps=2, average_decay=0.9),
    replay=DataSettings(shard_images=32, uses=3, use_gap=1, easy_shards=0, ahead=4),
    router_images=32,
    blend_images=16,
    blends=(1.0,),
)
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "RAY_AUTH_MODE": "disabled"}
_CLUSTER = """
import sys, ray
print(ray.init(num_cpus=1, include_dashboard=False).address_info["gcs_address"], flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster of one CPU, which ends with the module's tests."""
    with subprocess.Popen(
        [sys.executable, "-c", _CLUSTER],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate(timeout=60)


@pytest.fixture
def parent(tmp_path: Path) -> dict[str, object]:
    manifest = untrained(tmp_path / "parent")
    return {"version": manifest.version, "folder": str(tmp_path / "parent")}


def run_job(folder: Path, cluster: str, recipe: Recipe = RECIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "train.job", "--folder", str(folder), "--recipe", recipe.model_dump_json()],
        check=False,
        cwd=ROOT,
        env=ENVIRONMENT | {"RAY_ADDRESS": cluster},
        capture_output=True,
        text=True,
        timeout=160,
    )


def logged(done: subprocess.CompletedProcess[str], message: str) -> bool:
    """Whether a process of the job logged this, with the ids of the retrain and of the request that ordered it."""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if f'"message": "{message}"' in line]
    ids = ('"request_id": "posted-1"', f'"retrain": "{"0123456789abcdef" * 2}"')
    return bool(lines) and all(part in line for line in lines for part in ids)


def events(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.timeout(170)
def test_a_model_that_learns_is_promoted(tmp_path: Path, cluster: str, parent: dict[str, object]) -> None:
    folder = write_retrain(tmp_path, toy_examples(80), parent=parent, deadline_s=150, request_id="posted-1")
    done = run_job(folder, cluster)
    assert done.returncode == 0, done.stderr[-3000:]
    assert logged(done, "retrain ends: promote"), "by the driver"
    assert logged(done, "kept 1.00 of what was learnt"), "by the worker"
    verdict = Verdict.model_validate_json((folder / "verdict.json").read_bytes())
    assert verdict.outcome == "promote", verdict.reason
    reader = Reader.load(folder / "candidate")
    assert reader.version == verdict.candidate_version
    lineage = reader.manifest.lineage
    assert (lineage.parent, lineage.run, lineage.steps) == (parent["version"], "0123456789abcdef" * 2, 150)
    assert lineage.images == lineage.total_images == 150 * RECIPE.batch
    kinds = [event["kind"] for event in events(folder)]
    assert kinds[0] == "dataset"
    assert kinds[-2:] == ["evaluating", "verdict"]
    epochs = [event for event in events(folder) if event["kind"] == "epoch"]
    assert epochs[-1]["progress"] > epochs[0]["progress"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "candidate",
        "events.jsonl",
        "request.json",
        "verdict.json",
    ]


@pytest.mark.timeout(170)
def test_a_debug_run_tells_scores_and_is_rejected(tmp_path: Path, cluster: str, parent: dict[str, object]) -> None:
    folder = write_retrain(tmp_path, toy_examples(40), parent=parent, deadline_s=150, debug=True)
    done = run_job(folder, cluster)
    assert done.returncode == 0, done.stderr[-3000:]
    verdict = Verdict.model_validate_json((folder / "verdict.json").read_bytes())
    assert (verdict.outcome, verdict.debug) == ("reject", True)
    assert verdict.held_out is not None
    assert Reader.load(folder / "candidate").manifest.lineage.steps == 4


@pytest.mark.timeout(170)
def test_without_a_free_cpu_the_job_says_so_and_gives_up(
    tmp_path: Path, cluster: str, parent: dict[str, object]
) -> None:
    folder = write_retrain(tmp_path, toy_examples(40), parent=parent, cpus_per_worker=2, deadline_s=20)
    done = run_job(folder, cluster)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: No room for 1 worker(s) of 2 CPU"), done.stderr[-3000:]
    assert [event["kind"] for event in events(folder)] == ["dataset", "waiting"]


@pytest.mark.timeout(170)
def test_a_failing_worker_is_told_in_the_last_line(tmp_path: Path, cluster: str, parent: dict[str, object]) -> None:
    folder = write_retrain(tmp_path, toy_examples(40), parent=parent)
    recipe = RECIPE.model_copy(update={"draw": "tests.unit.train.toy:draw_never"})
    done = run_job(folder, cluster, recipe)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: A training worker failed: A process that draws"), done.stderr[-3000:]
    assert not (folder / "verdict.json").exists()
    assert not (folder / "candidate").exists()
