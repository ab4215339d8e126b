"""Structured logs: one JSON object a line, with the request's id where there is one."""

import logging
import sys
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="")

_ROOMS = ("deployments", "ocr_model", "train")


class _RequestIdFilter(logging.Filter):
    """Puts the id of the request at work on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def configure_logging(level: str = "INFO") -> None:
    """Send the logs of our own rooms, from ``level`` on, to stderr, which Ray files by process. Safe to call twice."""
    for room in _ROOMS:
        logger = logging.getLogger(room)
        if any(isinstance(handler.formatter, JsonFormatter) for handler in logger.handlers):
            continue
        handler = logging.StreamHandler(sys.stderr)
        handler.addFilter(_RequestIdFilter())
        handler.setFormatter(JsonFormatter("{asctime}{levelname}{name}{message}{request_id}", style="{"))
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
