"""Labelled images on disk, as `glyphserve retrain` takes them: a table of labels, or labels in file names."""

import csv
from collections.abc import Iterator
from pathlib import Path

from deployments.cli.read import ENDINGS
from deployments.errors import InputError
from ocr_model.labelled import LABELS, LabelledImage

_COLUMNS = ("file", "label")


def labelled_files(source: Path, *, stems: bool) -> list[LabelledImage]:
    """The images that ``source`` labels.

    Args:
        source: a CSV file with the columns file and label, the files relative to it; or a folder with a
            ``labels.csv``.
        stems: of a folder: its images' names without ending are the labels.

    Raises:
        InputError: there is none of that, or a line of the table is of no use; nothing was read but the table.
    """
    if not source.exists():
        raise InputError(f"{source} does not exist")
    if stems:
        if not source.is_dir():
            raise InputError(f"{source} is not a folder, which --stems needs")
        found = [LabelledImage(path, path.stem) for path in sorted(source.iterdir()) if _is_image(path)]
    else:
        table = source / LABELS if source.is_dir() else source
        if not table.exists():
            raise InputError(f"{source} has no {LABELS}; with --stems the files' names are the labels")
        found = list(_listed(table))
    if not found:
        raise InputError(f"{source} holds no labelled image")
    return found


def _listed(table: Path) -> Iterator[LabelledImage]:
    for number, (name, label) in enumerate(read_table(table, _COLUMNS), start=2):
        path = table.parent / name
        if not path.is_file():
            raise InputError(f"{table} line {number}: there is no file {name}")
        yield LabelledImage(path, label)


def read_table(table: Path, columns: tuple[str, ...], *, empty: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Some columns of a CSV file, in the order asked for.

    Args:
        table: the file, its columns named in the first line.
        columns: those asked for.
        empty: those of them in which a line may have nothing.

    Raises:
        InputError: it cannot be read, lacks a column, or a line has nothing where it must.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="beyond")
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise InputError(f"{table} has no column {missing[0]!r}: its first line must name {', '.join(columns)}")
            rows = [tuple(row[column] or "" for column in columns) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise InputError(f"{table} cannot be read as CSV in UTF-8: {e}") from e
    for number, row in enumerate(rows, start=2):
        for column, value in zip(columns, row, strict=True):
            if not value and column not in empty:
                raise InputError(f"{table} line {number} lacks {column!r}")
    return rows


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and path.is_file()
