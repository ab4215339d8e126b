"""Where a run's numbers go."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from torch.utils.tensorboard import SummaryWriter

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


class TensorBoardReporter:
    """Scalars for TensorBoard.

    Args:
        folder: of the event files.
    """

    def __init__(self, folder: Path) -> None:
        self._writer = SummaryWriter(str(folder))

    def report(self, step: int, metrics: Mapping[str, float]) -> None:
        """Add each of ``metrics`` as a scalar."""
        for name, value in metrics.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()


class Reporters:
    """Several reporters as one."""

    def __init__(self, reporters: Sequence[Reporter]) -> None:
        self._reporters = reporters

    def report(self, step: int, metrics: Mapping[str, float]) -> None:
        """Pass ``metrics`` on to each."""
        for reporter in self._reporters:
            reporter.report(step, metrics)
