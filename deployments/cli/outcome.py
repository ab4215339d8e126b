"""How a retrain command ends: what it says of a job, and its exit code."""

import json
from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Console

from deployments.cli.follow import follow, how_to_go_on, shown
from deployments.cli.service import Service
from deployments.cli.verdict_output import show_verdict
from deployments.retrain_state import RetrainState

FAILED_EXIT = 1
REJECTED_EXIT = 3
CANCELLED_EXIT = 4
_INTERRUPTED_EXIT = 130

_EXIT_CODES = {
    RetrainState.PROMOTED: 0,
    RetrainState.FAILED: FAILED_EXIT,
    RetrainState.REJECTED: REJECTED_EXIT,
    RetrainState.CANCELLED: CANCELLED_EXIT,
}


def watch(service: Service, job: Mapping[str, Any], *, as_json: bool) -> None:
    """Follow a job to its end, say how it ended, and end the command with the exit code for it."""
    console = Console(stderr=True)
    try:
        with shown(console, job.get("queue_position")) as show:
            ended = follow(service, job, show)
    except KeyboardInterrupt:
        how_to_go_on(job["id"])
        raise typer.Exit(_INTERRUPTED_EXIT) from None
    if as_json:
        typer.echo(json.dumps(ended, ensure_ascii=False))
    else:
        _tell(ended)
    raise typer.Exit(exit_code(ended))


def exit_code(job: Mapping[str, Any]) -> int:
    """The exit code for a job that has ended; a rehearsal is meant to be rejected."""
    state = RetrainState(job["state"])
    if job["debug"] and state is RetrainState.REJECTED:
        return 0
    return _EXIT_CODES[state]


def _tell(job: Mapping[str, Any]) -> None:
    console = Console()
    state = job["state"] + (f" as {job['candidate']}" if job["candidate"] else "")
    console.print(
        ": ".join(part for part in (state, job["reason"]) if part), highlight=False, markup=False, soft_wrap=True
    )
    if job["verdict"]:
        show_verdict(console, job["verdict"])
