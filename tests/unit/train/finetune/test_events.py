import json
from pathlib import Path

import pytest

from train.finetune.events import EVENTS_FILE, EventLog, Progress
from train.finetune.store import Folder

LOSS = {"loss": 0.5, "rate": 1e-4, "images_per_s": 80.0, "progress": 0.25}


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def told(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / EVENTS_FILE).read_text(encoding="utf-8").splitlines()]


def test_another_process_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    folder = Folder.at(str(tmp_path))
    EventLog(folder).tell("dataset", examples=3, new_characters="ß")
    EventLog(folder).tell("waiting")
    first, second = told(tmp_path)
    assert (first["kind"], first["examples"], first["new_characters"]) == ("dataset", 3, "ß")
    assert second.keys() == {"at", "kind"}


def test_frequent_events_are_thinned_out(tmp_path: Path) -> None:
    clock = Clock()
    events = EventLog(Folder.at(str(tmp_path)), clock)
    for after_s in (0.0, 0.4, 0.4, 0.4):
        clock.now_s += after_s
        events.tell_at_times("epoch", n=clock.now_s)
    assert [event["n"] for event in told(tmp_path)] == [100.0, pytest.approx(101.2)]


def test_an_event_that_cannot_be_written_is_told_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = EventLog(Folder.at(str(tmp_path)))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        events.tell("dataset")
    events.tell("waiting")
    assert [event["kind"] for event in told(tmp_path)] == ["dataset", "waiting"]


def test_progress_is_told_in_epochs_with_the_last_score(tmp_path: Path) -> None:
    clock = Clock()
    progress = Progress(EventLog(Folder.at(str(tmp_path)), clock), epoch_steps=4.0, batch=32, clock=clock)
    clock.now_s += 25
    progress.report(5, LOSS)
    progress.report(6, {"held_out_exact": 81.25})
    clock.now_s += 5
    progress.report(9, LOSS | {"progress": 0.5})
    first, second = told(tmp_path)
    assert (first["epoch"], first["images"], first["left_s"], first["held_out_exact"]) == (1, 160, 75.0, None)
    assert (second["epoch"], second["left_s"], second["held_out_exact"]) == (2, 30.0, 81.25)
