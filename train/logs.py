"""Logs of a retrain's processes: one JSON object a line, which bears the ids of the retrain and of its request."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

_ROOMS = ("train", "ocr_model")


def configure_logging(*, retrain_id: str, request_id: str) -> None:
    """Send the logs of our own rooms to stderr, which Ray files by process.

    The ids are those of the last call: Ray may use a process again for another retrain's worker.
    """
    formatter = JsonFormatter(
        "{asctime}{levelname}{name}{message}",
        style="{",
        static_fields={"retrain": retrain_id, "request_id": request_id},
    )
    for room in _ROOMS:
        logger = logging.getLogger(room)
        for former in [h for h in logger.handlers if isinstance(h.formatter, JsonFormatter)]:
            logger.removeHandler(former)
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(formatter)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
