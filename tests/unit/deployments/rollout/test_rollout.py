"""The rollout's protocol, with replicas that are real models without a cluster around them."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.versions import renamed
from deployments.errors import RequestError, RolloutError
from deployments.metrics.catalogue import ROLLOUT_SECONDS, ROLLOUTS
from deployments.protocol import LoadReport, ReplicaReport
from deployments.records import ModelRecords, ServingRow
from deployments.rollout.library import ModelLibrary
from deployments.rollout.live_model import Live, LiveModel
from deployments.rollout.rollout import Rollout
from deployments.settings.rollout import RolloutSettings
from ocr_model.errors import GlyphserveError
from tests.support.recorded_meter import RecordedMeter

SETTINGS = RolloutSettings(prepare_timeout_s=0.5, converge_timeout_s=30)
IMPATIENT = RolloutSettings(prepare_timeout_s=0.5, converge_timeout_s=0.01)


class LocalReplicas:
    """Replicas in this process; ``deaf`` ones miss every push, as those that are just starting do."""

    def __init__(self, library: ModelLibrary, count: int) -> None:
        pointer = library.pointer()
        self.models = {
            f"r{i}": LiveModel(Live(pointer.generation, library.load(pointer.version)), library.load)
            for i in range(count)
        }
        self.deaf: set[str] = set()
        self.hang = False
        self.calls: list[str] = []

    def prepare(self, version: str, *, timeout_s: float) -> list[LoadReport]:
        self.calls.append("prepare")
        if self.hang:
            raise TimeoutError(timeout_s)
        return [self._prepared(name, version) for name in self._hearing()]

    def activate(self, generation: int, version: str, *, timeout_s: float) -> list[ReplicaReport]:
        assert timeout_s > 0
        self.calls.append("activate")
        for name in self._hearing():
            self.models[name].follow(generation, version)
        # Who was deaf hears the next push, and comes to the pointer then.
        heard, self.deaf = self._hearing(), set()
        return [self._report(name) for name in heard]

    def discard(self, version: str) -> None:
        self.calls.append("discard")
        for model in self.models.values():
            model.discard(version)

    def running(self) -> int | None:
        return len(self.models)

    def served(self) -> set[tuple[int, str]]:
        return {(m.live.generation, m.live.reader.version) for m in self.models.values()}

    def _hearing(self) -> list[str]:
        return [name for name in self.models if name not in self.deaf]

    def _prepared(self, name: str, version: str) -> LoadReport:
        fault = ""
        try:
            self.models[name].prepare(version)
        except GlyphserveError as e:
            fault = str(e)
        return LoadReport(replica_id=name, model_version=version, fault=fault)

    def _report(self, name: str) -> ReplicaReport:
        live = self.models[name].live
        return ReplicaReport(
            replica_id=name, model_version=live.reader.version, generation=live.generation, images_read=0
        )


@pytest.fixture
def ready(library: ModelLibrary, first: Path, second: Path) -> ModelLibrary:
    """A library that serves base-1 and knows base-2."""
    library.register_shipped(second)
    library.register_shipped(first)
    return library


def test_all_replicas_switch(ready: ModelLibrary) -> None:
    replicas, meter = LocalReplicas(ready, 4), RecordedMeter()
    report = Rollout(ready, replicas, SETTINGS, meter=meter).to("base-2", reason="test")
    assert meter.counted(ROLLOUTS, outcome="done") == 1
    assert meter.observed(ROLLOUT_SECONDS) == [report.seconds]
    assert (report.version, report.generation, report.replicas) == ("base-2", 3, 4)
    assert replicas.served() == {(3, "base-2")}
    assert ready.pointer().reason == "test"
    assert replicas.calls == ["prepare", "activate"]


def test_rolling_back_is_rolling_forward_to_an_old_version(ready: ModelLibrary) -> None:
    replicas = LocalReplicas(ready, 1)
    rollout = Rollout(ready, replicas, SETTINGS)
    rollout.to("base-2", reason="forward")
    assert rollout.to("base-1", reason="back").generation == 4
    assert replicas.served() == {(4, "base-1")}


@pytest.mark.parametrize("damage", ["corrupt", "truncated", "wrong hash", "wrong charset", "missing"])
def test_a_version_that_cannot_be_loaded_switches_nothing(
    ready: ModelLibrary, first: Path, tmp_path: Path, damage: str
) -> None:
    replicas, meter = LocalReplicas(ready, 2), RecordedMeter()
    before = ready.pointer()
    register(ready, damaged(first, tmp_path / "damaged", damage))
    with pytest.raises(RolloutError, match="2 of 2 replicas cannot load it"):
        Rollout(ready, replicas, SETTINGS, meter=meter).to("bad-1", reason="test")
    assert meter.counted(ROLLOUTS, outcome="refused") == 1
    assert ready.pointer() == before
    assert replicas.served() == {(before.generation, "base-1")}
    assert replicas.calls == ["prepare", "discard"]


def damaged(first: Path, target: Path, damage: str) -> Path:
    """A model folder of the version bad-1 with one fault."""
    graph = (first / "model.onnx").read_bytes()
    if damage == "corrupt":
        return renamed(first, target, "bad-1", graph=b"\0" + graph[1:])
    if damage == "truncated":
        return renamed(first, target, "bad-1", graph=graph[: len(graph) // 2])
    if damage == "wrong charset":
        return renamed(first, target, "bad-1", charset="0123456789")
    renamed(first, target, "bad-1")
    if damage == "wrong hash":
        (target / "model.onnx").write_bytes(graph + b"\0")
    else:
        (target / "model.onnx").unlink()
    return target


def register(library: ModelLibrary, folder: Path) -> None:
    for path in folder.iterdir():
        library.blobs.put(f"models/bad/{path.name}", path.read_bytes())
    row = library.row("base-1")
    with library.database.writing() as connection:
        ModelRecords(connection).insert(replace(row, version="bad-1", key="models/bad"))


def test_a_load_that_hangs_switches_nothing(ready: ModelLibrary) -> None:
    replicas = LocalReplicas(ready, 1)
    replicas.hang = True
    before = ready.pointer()
    with pytest.raises(RolloutError, match=r"not loaded everywhere within 0.5 s"):
        Rollout(ready, replicas, SETTINGS).to("base-2", reason="test")
    assert ready.pointer() == before


def test_without_replicas_nothing_is_switched(ready: ModelLibrary) -> None:
    with pytest.raises(RolloutError, match="no replica answers"):
        Rollout(ready, LocalReplicas(ready, 0), SETTINGS).to("base-2", reason="test")
    assert ready.pointer().version == "base-1"


def test_a_replica_that_missed_the_push_is_pushed_again(ready: ModelLibrary) -> None:
    replicas = LocalReplicas(ready, 3)
    replicas.deaf = {"r1"}
    report = Rollout(ready, replicas, SETTINGS).to("base-2", reason="test")
    assert report.replicas == 3
    assert replicas.served() == {(3, "base-2")}
    assert replicas.calls.count("activate") == 2


def test_a_replica_that_never_answers_does_not_hold_up_the_others(ready: ModelLibrary) -> None:
    replicas = LocalReplicas(ready, 2)
    replicas.running = lambda: 3  # type: ignore[method-assign]  # one more than ever reports
    report = Rollout(ready, replicas, IMPATIENT).to("base-2", reason="test")
    assert report.replicas == 2
    assert ready.pointer().version == "base-2"


def test_converging_again_needs_no_new_generation(ready: ModelLibrary) -> None:
    replicas = LocalReplicas(ready, 1)
    rollout = Rollout(ready, replicas, SETTINGS)
    rollout.to("base-2", reason="test")
    pointer: ServingRow = ready.pointer()
    assert rollout.converge(pointer) == 1
    assert ready.pointer() == pointer


def test_an_unknown_version_is_refused_before_anybody_is_asked(ready: ModelLibrary) -> None:
    replicas = LocalReplicas(ready, 1)
    with pytest.raises(RequestError, match="no model has this version"):
        Rollout(ready, replicas, SETTINGS).to("base-9", reason="test")
    assert replicas.calls == []
