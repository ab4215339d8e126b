"""`glyphserve label`: corrections out of the service and into it, as CSV."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TextIO
from urllib.parse import quote

import typer
from rich.console import Console
from rich.progress import track

from deployments.cli.errors import INCOMPLETE_EXIT, reports_errors
from deployments.cli.listing import print_json
from deployments.cli.options import JsonOption
from deployments.cli.service import KeyOption, Service, UrlOption
from deployments.errors import InputError
from glyphserve.client import ServiceAwayError, ServiceError
from ocr_model.labelled import LABELS, read_table

app = typer.Typer(no_args_is_help=True, help="Corrections as CSV: export, import.")

STDOUT = Path("-")
_COLUMNS = ("id", "label", "text", "confidence", "model_version", "created_at", "corrected_at")
_PAGE = 200
_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/bmp": ".bmp", "image/webp": ".webp"}


@app.command("export")
@reports_errors
def export_labels(
    file: Annotated[Path, typer.Argument(help="The CSV file to write; - for stdout.")] = STDOUT,
    every: Annotated[bool, typer.Option("--all", help="What nobody has corrected too, its label left empty.")] = False,
    images: Annotated[
        Path | None, typer.Option(help=f"Save the images in this folder too, with a {LABELS} to retrain on.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Write every correction as a line: id, label, what was read and how surely, when, by which version."""
    with Service(url, key=key) as service:
        rows = list(_recognitions(service, corrected_only=not every))
        if images is not None:
            _save_images(service, [row for row in rows if row["corrected_text"] is not None], images)
    write = _write_json if as_json else _write_csv
    if file == STDOUT:
        write(rows, sys.stdout)
    else:
        try:
            with file.open("w", encoding="utf-8", newline="") as out:
                write(rows, out)
        except OSError as e:
            raise InputError(f"{file}: {e.strerror}") from e
    typer.echo(f"lines written: {len(rows)}", err=True)


@app.command("import")
@reports_errors
def import_labels(
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns id and label.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Send the corrections of a CSV file, such as an export that was worked on; lines without a label are left out.

    Exit code 5: the service refused some of them, each of which is named; the others are kept.
    """
    rows = [(id_, label) for id_, label in read_table(file, ("id", "label"), empty=("label",)) if label]
    refused: dict[str, str] = {}
    with Service(url, key=key) as service:
        console = Console(stderr=True)
        for id_, label in track(rows, "sending", console=console, transient=True, disable=not console.is_terminal):
            try:
                service.send("PUT", f"/v1/recognitions/{quote(id_, safe='')}/label", {"label": label})
            except ServiceAwayError:
                raise
            except ServiceError as e:
                refused[id_] = str(e)
                typer.echo(f"error: {id_}: {e}", err=True)
    kept = len(rows) - len(refused)
    if as_json:
        print_json({"kept": kept, "refused": refused})
    else:
        typer.echo(f"{kept} of {len(rows)} corrections kept")
    if refused:
        raise typer.Exit(INCOMPLETE_EXIT)


def _recognitions(service: Service, *, corrected_only: bool) -> Iterator[Mapping[str, Any]]:
    """Rows, newest first."""
    parameters: dict[str, str | int] = {"limit": _PAGE} | ({"corrected": "true"} if corrected_only else {})
    while True:
        page = service.get("/v1/recognitions", **parameters)
        yield from page["items"]
        if page["next"] is None:
            return
        parameters["before"] = page["next"]


def _write_json(rows: list[Mapping[str, Any]], out: TextIO) -> None:
    """A line for each, as the service tells of it."""
    out.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def _write_csv(rows: list[Mapping[str, Any]], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([row["corrected_text"] if column == "label" else row[column] for column in _COLUMNS])


def _save_images(service: Service, rows: list[Mapping[str, Any]], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LABELS).open("w", encoding="utf-8", newline="") as table:
            writer = csv.writer(table, lineterminator="\n")
            writer.writerow(["file", "label"])
            for row in rows:
                image = service.image(row["id"])
                name = f"{row['id']}{_ENDINGS.get(image.media_type, '')}"
                (folder / name).write_bytes(image.data)
                writer.writerow([name, row["corrected_text"]])
    except OSError as e:
        raise InputError(f"{e.filename}: {e.strerror}") from e
