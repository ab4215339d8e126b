"""How `glyphserve read` writes its answers: a table for people, JSON lines or CSV for programs."""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum

import typer
from rich.console import Console
from rich.table import Column, Table

UNSURE = 0.5
"""Confidence below which the table shows an answer in yellow."""


class Format(StrEnum):
    """The formats of the answers."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is said of one image.

    Attributes:
        file: its path as given or found.
        text: what was read; None if it could not be read.
        confidence: probability (0..1) that the text is right.
        character_confidences: the same for each character.
        error: why it could not be read.
    """

    file: str
    text: str | None = None
    confidence: float | None = None
    character_confidences: tuple[float, ...] = ()
    error: str | None = None


@contextmanager
def writer(output: Format) -> Iterator[Callable[[Line], None]]:
    """A function that writes lines to stdout; a table is shown at the end, the others at once."""
    if output is Format.JSON:
        yield lambda line: typer.echo(json.dumps(asdict(line), ensure_ascii=False))
    elif output is Format.CSV:
        rows = csv.writer(sys.stdout, lineterminator="\n")
        rows.writerow(["file", "text", "confidence", "error"])
        yield lambda line: rows.writerow([line.file, line.text, line.confidence, line.error])
    else:
        table = Table(Column("file", overflow="fold"), "text", "confidence")
        yield lambda line: _add(table, line)
        Console().print(table)


def _add(table: Table, line: Line) -> None:
    if line.error is not None or line.confidence is None:
        table.add_row(line.file, line.error or "", "", style="red")
    else:
        table.add_row(
            line.file, line.text, f"{line.confidence:.2f}", style="yellow" if line.confidence < UNSURE else None
        )
