"""Watching a retrain job to its end, over breaks of the connection and restarts of the service."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from deployments.cli.service import Service
from deployments.cli.standing import Standing
from deployments.retrain_state import RetrainState

Show = Callable[[Standing], None]


def follow(service: Service, job: Mapping[str, Any], show: Show) -> dict[str, Any]:
    """Tell ``show`` of every change of a job until it has ended; the job's resource then.

    Raises:
        ServiceError: the service does not know the job, or wants a key.
        ServiceAwayError: it has not answered for too long.
    """
    standing = Standing()
    for event in service.follow(job["id"]):
        standing = standing.after(event.kind, event.data)
        show(standing)
    return service.get(f"/v1/retrains/{job['id']}")


@contextmanager
def shown(console: Console, ahead: int | None) -> Iterator[Show]:
    """A function that shows standings: as a bar where somebody looks, else a line for each change.

    Args:
        console: where; a terminal or not.
        ahead: jobs before this one in the queue.
    """
    queued = f"queued behind {ahead}" if ahead else "queued"
    if not console.is_terminal:
        yield _Lines(console, queued)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(queued, total=1.0, figures="")

        def update(standing: Standing) -> None:
            waits = standing.state == RetrainState.QUEUED
            progress.update(
                task,
                description=queued if waits else standing.headline,
                completed=standing.progress if standing.state == RetrainState.RUNNING else float(not waits),
                figures=standing.figures,
            )

        yield update


class _Lines:
    """Writes a line for every standing that reads differently from the one before."""

    def __init__(self, console: Console, queued: str) -> None:
        self._console = console
        self._queued = queued
        self._said = ""

    def __call__(self, standing: Standing) -> None:
        headline = self._queued if standing.state == RetrainState.QUEUED else standing.headline
        line = ": ".join(part for part in (headline, standing.figures) if part)
        if line != self._said:
            self._console.print(line, highlight=False, soft_wrap=True)
        self._said = line


def how_to_go_on(job_id: str) -> None:
    """Say that a job goes on although nobody watches it any more."""
    typer.echo(
        f"\nthe job goes on: `glyphserve jobs watch {job_id}` shows it, `glyphserve jobs cancel` ends it", err=True
    )
