"""How far a run is, and the learning rate that follows from it."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

from train.settings import LoopSettings, OptimiserSettings


def _now() -> datetime:
    return datetime.now(UTC)


class Pace:
    """Progress of a run from 0 to 1, by steps or, where the settings name an end, by the clock.

    By the clock, or by the most steps if these are done sooner, what is left of the progress is spread
    evenly over the time left, so an interruption or a pause costs steps and never the end of the
    schedule. A run that had come to its end starts its schedule over when the end is moved to later
    (warm restart; Loshchilov & Hutter, 2016, arXiv:1608.03983).

    Args:
        settings: name the steps or the time of the end.
        progress: where an interrupted run stood.
        now: the clock; aware datetimes.
    """

    def __init__(self, settings: LoopSettings, *, progress: float = 0.0, now: Callable[[], datetime] = _now) -> None:
        self.progress = progress
        self._steps = settings.steps
        self._finish_at = settings.finish_at
        self._most_steps = settings.most_steps
        self._now = now
        self._last = now()
        if progress >= 1 and self._finish_at is not None and self._finish_at > self._last:
            self.progress = 0.0

    def advance(self, step: int) -> float:
        """Give the progress after ``step`` steps; never falls."""
        if self._finish_at is None:
            self.progress = min(1.0, step / self._steps)
            return self.progress
        now = self._now()
        left_s = (self._finish_at - self._last).total_seconds()
        passed_s = (now - self._last).total_seconds()
        share = 1.0 if left_s <= 0 else min(1.0, max(0.0, passed_s / left_s))
        self.progress += (1 - self.progress) * share
        if self._most_steps is not None:
            self.progress = max(self.progress, min(1.0, step / self._most_steps))
        self._last = now
        return self.progress


def learning_rate(settings: OptimiserSettings, *, step: int, progress: float) -> float:
    """Rise over the warm-up steps, hold, then fall as a half cosine to the final share.

    A plateau keeps the run open for longer: the fall depends on the progress alone.
    """
    rise = min(1.0, (step + 1) / (settings.warm_up_steps + 1))
    fallen = max(0.0, (progress - settings.decay_from) / (1 - settings.decay_from))
    share = settings.final_share + (1 - settings.final_share) * (1 + math.cos(math.pi * fallen)) / 2
    return settings.learning_rate * rise * share
