"""One line and an exit code for whatever goes wrong; a traceback only with ``--debug``."""

import functools
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

import typer

from deployments.errors import ConfigError
from ocr_model.errors import GlyphserveError

CONFIG_EXIT = 1
LIFECYCLE_EXIT = 2
NOT_RUNNING_EXIT = 3
NOT_READY_EXIT = 4
UNREADABLE_EXIT = 5
INCOMPLETE_EXIT = 5
UNHEALTHY_EXIT = 6

EXIT_CODES = {
    0: "It went well.",
    1: "The configuration is wrong; (`retrain`, `jobs watch`) the job failed.",
    2: "The cluster cannot be started, watched or stopped; a file cannot be used; the service does not answer or"
    " refuses; the command line itself is wrong.",
    3: "(`status`) Not running; (`retrain`, `jobs watch`) the candidate was rejected, the service is as before.",
    4: "(`status`) Running but not ready; (`retrain`, `jobs watch`) the job was cancelled.",
    5: "(`read`) An image could not be read; (`label import`) a correction was refused.",
    6: "(`doctor`) A problem was found.",
    130: "(`retrain`, `jobs watch`) Ctrl-C: the watching ended, the job goes on.",
}
"""What each exit code means, for the documentation."""

debug: ContextVar[bool] = ContextVar("debug", default=False)
"""Whether the command was given ``--debug``."""

P = ParamSpec("P")
R = TypeVar("R")


def reports_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn a command's exceptions into ``error: ...`` on stderr and its exit code."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        logging.basicConfig(level=logging.INFO if debug.get() else logging.WARNING, format="%(message)s")
        try:
            return command(*args, **kwargs)
        except typer.Exit:
            raise
        except Exception as e:
            if debug.get():
                raise
            typer.echo(f"error: {_describe(e)}", err=True)
            raise typer.Exit(CONFIG_EXIT if isinstance(e, ConfigError) else LIFECYCLE_EXIT) from e

    return run


def _describe(error: Exception) -> str:
    if isinstance(error, GlyphserveError):
        return " ".join(str(error).split())
    return f"unexpected {type(error).__name__}: {error}; `glyphserve --debug` shows where"
