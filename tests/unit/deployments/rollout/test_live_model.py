import threading
from pathlib import Path

import pytest

from deployments.errors import NotReadyError
from deployments.records import ServingRow
from deployments.rollout.follower import Follower
from deployments.rollout.live_model import Live, LiveModel
from ocr_model.errors import CheckpointError
from ocr_model.reader import Reader
from tests.unit.deployments.records.examples import NOW


@pytest.fixture(scope="module")
def readers(first: Path, second: Path) -> dict[str, Reader]:
    return {reader.version: reader for reader in map(Reader.load, (first, second))}


class Loads:
    """Gives readers by version, and keeps count."""

    def __init__(self, readers: dict[str, Reader]) -> None:
        self.readers = readers
        self.asked: list[str] = []

    def __call__(self, version: str) -> Reader:
        self.asked.append(version)
        if version not in self.readers:
            raise CheckpointError(f"no {version}")
        return self.readers[version]


@pytest.fixture
def loads(readers: dict[str, Reader]) -> Loads:
    return Loads(readers)


@pytest.fixture
def model(loads: Loads, readers: dict[str, Reader]) -> LiveModel:
    return LiveModel(Live(1, readers["base-1"]), loads)


def now(model: LiveModel) -> tuple[int, str]:
    return model.live.generation, model.live.reader.version


def test_what_is_prepared_waits_until_it_is_activated(model: LiveModel, loads: Loads) -> None:
    model.prepare("base-2")
    assert now(model) == (1, "base-1")
    assert model.activate(2, "base-2")
    assert now(model) == (2, "base-2")
    assert loads.asked == ["base-2"]


def test_what_is_not_prepared_is_not_activated(model: LiveModel) -> None:
    assert not model.activate(2, "base-2")
    assert now(model) == (1, "base-1")


def test_generations_only_grow(model: LiveModel) -> None:
    model.follow(5, "base-2")
    assert model.activate(4, "base-1")  # reached and passed
    model.follow(5, "base-1")
    assert now(model) == (5, "base-2")


def test_going_back_is_a_new_generation(model: LiveModel) -> None:
    model.follow(2, "base-2")
    model.follow(3, "base-1")
    assert now(model) == (3, "base-1")


def test_the_live_version_needs_no_load_under_a_new_generation(model: LiveModel, loads: Loads) -> None:
    model.prepare("base-1")
    assert model.activate(2, "base-1")
    assert now(model) == (2, "base-1")
    assert loads.asked == []


def test_a_failed_load_changes_nothing_and_says_why_until_one_succeeds(model: LiveModel) -> None:
    with pytest.raises(CheckpointError):
        model.follow(2, "broken")
    assert now(model) == (1, "base-1")
    assert model.fault == "no broken"
    model.follow(3, "base-2")
    assert (now(model), model.fault) == ((3, "base-2"), "")


def test_discarding_forgets_the_candidate(model: LiveModel) -> None:
    model.prepare("base-2")
    model.discard("base-2")
    assert not model.activate(2, "base-2")


def test_a_load_that_hangs_and_comes_back_late_displaces_nothing(readers: dict[str, Reader]) -> None:
    gate = threading.Event()

    def load(version: str) -> Reader:
        if version == "slow":
            assert gate.wait(10)
            return readers["base-1"]
        return readers[version]

    model = LiveModel(Live(1, readers["base-1"]), load)
    hanging = threading.Thread(target=model.prepare, args=("slow",))
    hanging.start()
    model.prepare("base-2")
    gate.set()
    hanging.join(10)
    assert model.activate(2, "base-2")
    assert now(model) == (2, "base-2")


@pytest.mark.slow
def test_a_follower_comes_to_what_the_pointer_names(model: LiveModel) -> None:
    rows = [ServingRow(generation=7, version="base-2", created_at=NOW, reason="")]
    Follower(model, lambda: rows[-1], every_s=60).compare()
    assert now(model) == (7, "base-2")


@pytest.mark.slow
def test_a_follower_survives_lost_records_and_a_bad_version(model: LiveModel, caplog: pytest.LogCaptureFixture) -> None:
    answers: list[ServingRow | Exception] = [
        NotReadyError("away"),
        NotReadyError("away"),
        ServingRow(generation=2, version="broken", created_at=NOW, reason=""),
        ServingRow(generation=3, version="base-2", created_at=NOW, reason=""),
    ]

    def pointer() -> ServingRow:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    follower = Follower(model, pointer, every_s=60)
    for _ in range(4):
        follower.compare()
    assert now(model) == (3, "base-2")
    assert len([r for r in caplog.records if "cannot follow" in r.message]) == 2  # told once each


def test_a_follower_compares_by_itself(model: LiveModel) -> None:
    asked = threading.Event()

    def pointer() -> ServingRow:
        asked.set()
        return ServingRow(generation=1, version="base-1", created_at=NOW, reason="")

    follower = Follower(model, pointer, every_s=0.01)
    follower.start()
    assert asked.wait(10)
    follower.stop()


def test_who_watches_is_told_at_every_comparison(model: LiveModel) -> None:
    seen: list[int] = []
    model.watch(lambda live: seen.append(live.generation))
    row = ServingRow(generation=model.live.generation, version="base-1", created_at=NOW, reason="")
    Follower(model, lambda: row, every_s=60).compare()
    assert seen == [model.live.generation] * 2


@pytest.mark.slow
def test_before_the_first_images_the_pointer_is_asked_once_and_all_wait_for_it(model: LiveModel) -> None:
    asked: list[int] = []
    answered = threading.Event()

    def pointer() -> ServingRow:
        asked.append(1)
        assert answered.wait(10)
        return ServingRow(generation=7, version="base-2", created_at=NOW, reason="")

    follower = Follower(model, pointer, every_s=60)
    seen: list[tuple[int, str]] = []

    def read() -> None:
        follower.compare_before_the_first()
        seen.append(now(model))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    answered.set()
    for reader in readers:
        reader.join(10)
    read()
    assert seen == [(7, "base-2")] * 4
    assert len(asked) == 1
