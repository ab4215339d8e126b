"""What a retrain tells while it goes on: ``events.jsonl`` in its folder, one JSON object a line."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from train.errors import StoreError
from train.finetune.store import Folder

EVENTS_FILE = "events.jsonl"
_INTERVAL_S = 1.0

Value = str | int | float | None


class EventLog:
    """Appends events to a retrain's file; one process at a time writes it.

    An object store cannot append, so the file is put anew each time. An event that cannot be
    written is told with the next one: news must not end a training.

    Args:
        folder: of the retrain.
        clock: seconds, steadily growing.
    """

    def __init__(self, folder: Folder, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._written_s = -_INTERVAL_S
        self._lines = folder.read(EVENTS_FILE).splitlines() if folder.exists(EVENTS_FILE) else []

    def tell(self, kind: str, **values: Value) -> None:
        """Add an event and write the file."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._lines.append(json.dumps({"at": at, "kind": kind, **values}, ensure_ascii=False).encode())
        self._written_s = self._clock()
        with suppress(StoreError):
            self._folder.put(EVENTS_FILE, b"\n".join(self._lines) + b"\n")

    def tell_at_times(self, kind: str, **values: Value) -> None:
        """Add an event, unless the last one was written less than a second ago."""
        if self._clock() - self._written_s >= _INTERVAL_S:
            self.tell(kind, **values)


class Progress:
    """A reporter of the training loop that tells its numbers as ``epoch`` events.

    Args:
        events: where to.
        epoch_steps: steps in which each posted example comes once.
        batch: images a step, all workers together.
        begun: progress (0..1) of the training now, from which the time left is reckoned.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        events: EventLog,
        *,
        epoch_steps: float,
        batch: int,
        begun: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._events = events
        self._epoch_steps = epoch_steps
        self._batch = batch
        self._begun = begun
        self._clock = clock
        self._since_s = clock()
        self._exact: float | None = None

    def report(self, step: int, metrics: Mapping[str, float]) -> None:
        """Tell the loss; a score is told together with the next loss."""
        if "held_out_exact" in metrics:
            self._exact = round(metrics["held_out_exact"], 2)
        if "loss" not in metrics:
            return
        self._events.tell_at_times(
            "epoch",
            epoch=int(step / self._epoch_steps),
            loss=round(metrics["loss"], 5),
            rate=round(metrics["rate"], 8),
            images=step * self._batch,
            progress=round(metrics["progress"], 4),
            left_s=self._left_s(metrics["progress"]),
            held_out_exact=self._exact,
        )

    def _left_s(self, progress: float) -> float | None:
        """Reckon the seconds left from those passed; None where nothing is done yet."""
        done = progress - self._begun
        return round((self._clock() - self._since_s) * (1 - progress) / done, 1) if done > 0 else None
