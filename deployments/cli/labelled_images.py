"""Labelled images on disk, as `glyphserve retrain` takes them: a table of labels, or labels in file names."""

from pathlib import Path

from deployments.cli.read import ENDINGS
from deployments.errors import InputError
from ocr_model.labelled import LABELS, LabelledImage, listed_images


def labelled_files(source: Path, *, stems: bool) -> list[LabelledImage]:
    """The images that ``source`` labels.

    Args:
        source: a CSV file with the columns file and label, the files relative to it; or a folder with a
            ``labels.csv``.
        stems: of a folder: its images' names without ending are the labels.

    Raises:
        InputError: there is none of that.
        LabelsError: a line of the table is of no use; nothing was read but the table.
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
        found = listed_images(table)
    if not found:
        raise InputError(f"{source} holds no labelled image")
    return found


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and path.is_file()
