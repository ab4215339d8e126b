"""Examples as an immutable folder: a Parquet file and, written last, a manifest that seals it."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from deployments.archive.entries import Example
from deployments.archive.layout import dataset_key
from deployments.blobs import BlobStore

FORMAT_VERSION = 1
EXAMPLES_FILE = "examples.parquet"
MANIFEST_FILE = "manifest.json"

_SCHEMA = pa.schema(
    [
        pa.field("index", pa.int32(), nullable=False),
        pa.field("image", pa.binary(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class DatasetFolder:
    """A folder that was written.

    Attributes:
        key: the folder.
        sha256: hex digest of its examples file.
    """

    key: str
    sha256: str


def write_dataset(blobs: BlobStore, dataset_id: str, examples: Sequence[Example]) -> DatasetFolder:
    """Write both files; a folder without a manifest is not a dataset."""
    key = dataset_key(dataset_id)
    data = _parquet(examples)
    sha256 = hashlib.sha256(data).hexdigest()
    blobs.put(f"{key}/{EXAMPLES_FILE}", data)
    manifest = {
        "format_version": FORMAT_VERSION,
        "id": dataset_id,
        "examples": len(examples),
        "files": {EXAMPLES_FILE: {"sha256": sha256, "bytes": len(data)}},
    }
    blobs.put(f"{key}/{MANIFEST_FILE}", json.dumps(manifest, indent=2).encode())
    return DatasetFolder(key, sha256)


def read_images(blobs: BlobStore, key: str, indices: Collection[int]) -> dict[int, bytes]:
    """Images of a dataset by their place in it, as far as it has them."""
    data = pa.BufferReader(blobs.get(f"{key}/{EXAMPLES_FILE}"))
    images = pq.read_table(data, columns=["image"]).column("image")
    return {index: images[index].as_py() for index in indices if 0 <= index < len(images)}


def delete_dataset(blobs: BlobStore, dataset_id: str) -> None:
    """Remove both files, the seal first."""
    key = dataset_key(dataset_id)
    blobs.delete(f"{key}/{MANIFEST_FILE}")
    blobs.delete(f"{key}/{EXAMPLES_FILE}")


def _parquet(examples: Sequence[Example]) -> bytes:
    table = pa.table(
        {
            "index": range(len(examples)),
            "image": [example.image for example in examples],
            "label": [example.label for example in examples],
            "sha256": [hashlib.sha256(example.image).hexdigest() for example in examples],
        },
        schema=_SCHEMA,
    )
    sink = pa.BufferOutputStream()
    # Images are compressed already; each is its own, so a dictionary only costs.
    pq.write_table(table, sink, compression="none", use_dictionary=False)
    return bytes(sink.getvalue())
