"""What `jobs` and `models` share: a page of resources as JSON or as a table, an answer as JSON or in words."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from deployments.cli.service import Service

LimitOption = Annotated[int, typer.Option("--limit", min=1, max=200, help="How many, newest first.")]

Row = tuple[Iterable[str], str | None]
"""The cells of a row, and its style."""


def list_resources(
    service: Service,
    path: str,
    *,
    limit: int,
    as_json: bool,
    columns: tuple[str | Column, ...],
    row: Callable[[Mapping[str, Any]], Row],
) -> None:
    """Show the newest resources of a kind; the first column, which is there to be copied, is never folded."""
    page = service.get(path, limit=limit)
    if as_json:
        print_json(page)
        return
    first, *others = columns
    table = Table(Column(str(first), no_wrap=True), *others)
    for item in page["items"]:
        cells, style = row(item)
        table.add_row(*cells, style=style)
    Console().print(table)


def print_json(found: object) -> None:
    """Print an answer for programs."""
    typer.echo(json.dumps(found, ensure_ascii=False))


def shown_time(iso: str) -> str:
    """A time of the service's, UTC, to the second."""
    return iso[:19].replace("T", " ")
