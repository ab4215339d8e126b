"""Where a run's numbers go."""

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

logger = logging.getLogger(__name__)


class Reporter(Protocol):
    """Takes the numbers of a step; must not fail a run."""

    def report(self, step: int, metrics: Mapping[str, float]) -> None:
        """Take ``metrics`` as they are after ``step`` steps."""


class LogReporter:
    """One line of log for each report."""

    def report(self, step: int, metrics: Mapping[str, float]) -> None:
        """Log ``metrics``, rounded."""
        logger.info("step %d  %s", step, "  ".join(f"{name} {value:.4g}" for name, value in metrics.items()))


class Reporters:
    """Several reporters as one."""

    def __init__(self, reporters: Sequence[Reporter]) -> None:
        self._reporters = reporters

    def report(self, step: int, metrics: Mapping[str, float]) -> None:
        """Pass ``metrics`` on to each."""
        for reporter in self._reporters:
            reporter.report(step, metrics)
