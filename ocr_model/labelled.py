"""Real images with their texts: files beside a ``labels.csv``, and the one reader of such tables."""

import csv
from pathlib import Path
from typing import NamedTuple

from ocr_model.errors import LabelsError

LABELS = "labels.csv"
_COLUMNS = ("file", "label")


class LabelledImage(NamedTuple):
    """A file and the exact text that it shows."""

    path: Path
    label: str


def read_labels(folder: Path) -> list[LabelledImage]:
    """List the images of ``folder`` as its ``labels.csv`` (columns file, label) names them.

    Raises:
        LabelsError: the table is missing, empty or malformed, or names a file that is not in the folder.
    """
    images = listed_images(folder / LABELS)
    for number, image in enumerate(images, start=2):
        if image.path.parent != folder:
            raise LabelsError(f"{folder / LABELS} line {number}: {image.path} is not in the folder itself")
    if not images:
        raise LabelsError(f"{folder / LABELS} lists no image")
    return images


def listed_images(table: Path) -> list[LabelledImage]:
    """List the images that a CSV file with the columns file and label names, the files relative to it.

    Raises:
        LabelsError: the table is missing or malformed, or names a file that is not there.
    """
    images = []
    for number, (name, label) in enumerate(read_table(table, _COLUMNS), start=2):
        path = table.parent / name
        if not path.is_file():
            raise LabelsError(f"{table} line {number}: there is no file {name}")
        images.append(LabelledImage(path, label))
    return images


def read_table(table: Path, columns: tuple[str, ...], *, empty: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Some columns of a CSV file, in the order asked for.

    Args:
        table: the file, its columns named in the first line.
        columns: those asked for.
        empty: those of them in which a line may have nothing.

    Raises:
        LabelsError: it cannot be read, lacks a column, or a line has nothing where it must.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="beyond")
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise LabelsError(
                    f"{table} has no column {missing[0]!r}: its first line must name {', '.join(columns)}"
                )
            rows = [tuple(row[column] or "" for column in columns) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise LabelsError(f"{table} cannot be read as CSV in UTF-8: {e}") from e
    for number, row in enumerate(rows, start=2):
        for column, value in zip(columns, row, strict=True):
            if not value and column not in empty:
                raise LabelsError(f"{table} line {number} lacks {column!r}")
    return rows


def labelled_folders(folder: Path) -> dict[str, Path]:
    """Find the sets in ``folder``: itself if it has a ``labels.csv``, else its subfolders that have one.

    Raises:
        LabelsError: there is none.
    """
    if (folder / LABELS).is_file():
        return {folder.name: folder}
    folders = {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{LABELS}"))}
    if not folders:
        raise LabelsError(f"Neither {folder} nor a folder in it has a {LABELS}.")
    return folders
