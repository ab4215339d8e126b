"""Reading a dataset folder: labelled images in a Parquet file, sealed by its hash."""

import hashlib
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from train.errors import DatasetError
from train.finetune.store import Folder

EXAMPLES_FILE = "examples.parquet"
_COLUMNS = {"index": pa.int32(), "image": pa.binary(), "label": pa.string()}


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled image.

    Attributes:
        index: its place among those that were posted, from 0.
        image: the encoded image.
        label: the text it shows, says whoever posted it.
    """

    index: int
    image: bytes
    label: str


def read_dataset(folder: Folder, *, sha256: str) -> list[Example]:
    """Read all examples of a dataset, in the order in which they were posted.

    Args:
        folder: holds ``examples.parquet``.
        sha256: hex digest that the file must have.

    Raises:
        DatasetError: the file was altered or has other columns.
        StoreError: it is missing.
    """
    data = folder.read(EXAMPLES_FILE)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DatasetError("The dataset was altered: its SHA-256 is not the request's.")
    try:
        table = pq.read_table(pa.BufferReader(data), columns=list(_COLUMNS))
        columns = [table.column(name).cast(kind).to_pylist() for name, kind in _COLUMNS.items()]
    except (pa.ArrowException, OSError, KeyError) as e:
        raise DatasetError("The dataset's examples are not in the columns index, image and label.") from e
    return [Example(*row) for row in zip(*columns, strict=True)]
