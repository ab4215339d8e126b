"""The service with a recogniser that sleeps as long as a GPU's batch would take: scaling without the GPUs.

Everything else is as in deployments.app: ingress, storage, coalescing, handles, the retrainer beside it.
"""

import os
import threading
import time
from typing import Any

from ray import serve

from deployments.app import graph
from deployments.protocol import UnreadableImage
from deployments.recognizer import Recognizer
from deployments.settings.resolve import resolve_settings
from ocr_model.constraint import Constraint
from ocr_model.reader import Reader
from ocr_model.reading import Reading

BATCH_MS = "SLEEPING_BATCH_MS"


class SleepingRecognizer(Recognizer):
    """Answers the same text for every image, one batch at a time, each after the same while."""

    def _read_batch(self, reader: Reader, batch: list[tuple[bytes, Constraint]]) -> list[Reading | UnreadableImage]:
        del reader
        with _DEVICE:
            time.sleep(float(os.environ[BATCH_MS]) / 1000)
        return [Reading(text="0000", confidence=1.0, character_confidences=(1.0,) * 4)] * len(batch)


_DEVICE = threading.Lock()
"""A GPU works on one batch, while the next is on its way to it."""


def build(args: dict[str, Any]) -> serve.Application:
    """The application; a config's ``import_path``."""
    return graph(resolve_settings(args), SleepingRecognizer)
