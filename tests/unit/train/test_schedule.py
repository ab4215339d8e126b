from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from tests.unit.train import toy
from train.schedule import Pace, learning_rate
from train.settings import OptimiserSettings, PretrainSettings

START = datetime(2026, 1, 1, tzinfo=UTC)
OPTIONS = OptimiserSettings(learning_rate=1.0, warm_up_steps=9, final_share=0.1, decay_from=0.5)


@pytest.mark.parametrize(
    ("step", "progress", "rate"),
    [(0, 0.0, 0.1), (4, 0.0, 0.5), (9, 0.1, 1.0), (50, 0.5, 1.0), (75, 0.75, 0.55), (100, 1.0, 0.1)],
)
def test_the_rate_rises_holds_and_falls(step: int, progress: float, rate: float) -> None:
    assert learning_rate(OPTIONS, step=step, progress=progress) == pytest.approx(rate)


def test_pace_by_steps() -> None:
    pace = Pace(toy.settings(steps=4))
    assert [pace.advance(step) for step in (0, 1, 2, 4, 5)] == [0.0, 0.25, 0.5, 1.0, 1.0]


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


def timed(minutes: float) -> PretrainSettings:
    return toy.settings(finish_at=START + timedelta(minutes=minutes))


def test_pace_by_the_clock_ends_when_told_whatever_the_steps() -> None:
    clock = Clock()
    pace = Pace(timed(100), now=clock)
    seen = []
    for minute in (0, 10, 50, 99, 100, 200):
        clock.time = START + timedelta(minutes=minute)
        seen.append(pace.advance(1))
    assert seen == pytest.approx([0, 0.1, 0.5, 0.99, 1, 1])


def test_a_run_by_the_clock_ends_before_it_when_its_most_steps_are_done() -> None:
    clock = Clock()
    pace = Pace(timed(100).model_copy(update={"most_steps": 20}), now=clock)
    seen = []
    for minute, step in ((0, 0), (10, 1), (20, 10), (30, 20)):
        clock.time = START + timedelta(minutes=minute)
        seen.append(pace.advance(step))
    assert seen == pytest.approx([0, 0.1, 0.5, 1])


def test_an_interrupted_run_spreads_what_is_left_over_the_time_left() -> None:
    clock = Clock()
    clock.time = START + timedelta(minutes=50)
    pace = Pace(timed(100), progress=0.2, now=clock)
    assert pace.advance(1) == pytest.approx(0.2)
    clock.time = START + timedelta(minutes=75)
    assert pace.advance(2) == pytest.approx(0.6)


@pytest.mark.parametrize(("minutes", "progress"), [(100, 0.0), (-100, 1.0)])
def test_a_finished_run_starts_over_if_its_end_is_moved_to_later(minutes: int, progress: float) -> None:
    assert Pace(timed(minutes), progress=1.0, now=Clock()).progress == progress


def test_progress_never_falls_when_the_clock_is_set_back() -> None:
    clock = Clock()
    pace = Pace(timed(100), now=clock)
    clock.time = START + timedelta(minutes=50)
    before = pace.advance(1)
    clock.time = START
    assert pace.advance(2) == before


def test_an_end_without_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="time zone"):
        PretrainSettings(finish_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the very thing refused
