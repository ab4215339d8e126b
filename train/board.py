"""Numbers for TensorBoard; apart from the other reporters, since only a pretraining installs it."""

from collections.abc import Mapping
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter


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
