"""What a recognizer replica tells of its model: which it is, and whether it is as sure as it was when measured."""

import threading
from collections import deque
from collections.abc import Iterable

from deployments.metrics.catalogue import CONFIDENCE_EXPECTED, CONFIDENCE_MEAN, MODEL_GENERATION, MODEL_INFO
from deployments.metrics.meter import Meter

EXPECTED_KEY = "held_out/mean_confidence"
"""Names the mean confidence among a manifest's metrics."""
WINDOW = 1000
FEWEST = 100
"""Images before a mean says anything."""


class ModelGauges:
    """Follows one replica's model; safe to use from threads."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._lock = threading.Lock()
        self._version = ""
        self._last: deque[float] = deque(maxlen=WINDOW)

    def serving(self, version: str, generation: int) -> None:
        """Say which version is read with now, again and again: Ray's agent forgets what is not repeated."""
        self._meter.set(MODEL_GENERATION, generation)
        self._meter.set(MODEL_INFO, 1, model_version=version)
        with self._lock:
            before, self._version = self._version, version
            if before == version:
                return
            self._last.clear()
        if before:
            self._meter.set(MODEL_INFO, 0, model_version=before)

    def read(self, version: str, confidences: Iterable[float], *, expected: float | None) -> None:
        """Take the confidences of a batch.

        Args:
            version: that read it; a batch of a version that was left meanwhile counts no more.
            confidences: of its readings, 0..1.
            expected: the version's mean confidence on its held-out images, if it is known.
        """
        with self._lock:
            if version != self._version:
                return
            self._last.extend(confidences)
            if len(self._last) < FEWEST or expected is None:
                return
            mean = sum(self._last) / len(self._last)
        self._meter.set(CONFIDENCE_MEAN, mean)
        self._meter.set(CONFIDENCE_EXPECTED, expected)
