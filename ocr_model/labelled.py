"""Folders of real images with their texts: files beside a ``labels.csv``."""

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
    try:
        with (folder / LABELS).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, restkey="beyond"))
    except (OSError, UnicodeDecodeError) as e:
        raise LabelsError(f"The folder {folder} has no readable {LABELS}.") from e
    images = []
    for number, row in enumerate(rows, start=2):
        name, label = (row.get(column) or "" for column in _COLUMNS)
        if not name or not label:
            raise LabelsError(f"Line {number} of {folder / LABELS} lacks a file or a label.")
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise LabelsError(f"Line {number} of {folder / LABELS}: there is no file {name!r} in the folder.")
        images.append(LabelledImage(path, label))
    if not images:
        raise LabelsError(f"{folder / LABELS} lists no image.")
    return images


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
