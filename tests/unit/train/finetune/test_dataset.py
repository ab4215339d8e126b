from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.train.finetune.made import png, write_dataset
from train.errors import DatasetError, StoreError
from train.finetune.dataset import EXAMPLES_FILE, Example, read_dataset
from train.finetune.store import Folder

EXAMPLES = [Example(0, b"first", "a1"), Example(1, b"second", "ß")]


def test_what_was_written_is_read_by_path_and_by_uri(tmp_path: Path) -> None:
    sha256 = write_dataset(tmp_path, EXAMPLES)
    assert read_dataset(Folder.at(str(tmp_path)), sha256=sha256) == EXAMPLES
    assert read_dataset(Folder.at(tmp_path.as_uri()), sha256=sha256) == EXAMPLES


def test_deployments_writes_what_is_read_here(tmp_path: Path) -> None:
    from deployments.archive import dataset_folder  # noqa: PLC0415 - the other side of the format
    from deployments.archive.entries import Example as Posted  # noqa: PLC0415
    from deployments.blobs.local_folder import LocalFolder  # noqa: PLC0415
    from deployments.blobs.store import BlobStore  # noqa: PLC0415

    written = dataset_folder.write_dataset(
        BlobStore(LocalFolder(tmp_path)), "0" * 32, [Posted(image=png(1), label="x1")]
    )
    assert read_dataset(Folder.at(str(tmp_path / written.key)), sha256=written.sha256) == [Example(0, png(1), "x1")]


def test_an_altered_dataset_is_refused(tmp_path: Path) -> None:
    write_dataset(tmp_path, EXAMPLES)
    with pytest.raises(DatasetError, match="SHA-256"):
        read_dataset(Folder.at(str(tmp_path)), sha256="0" * 64)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    import hashlib  # noqa: PLC0415

    pq.write_table(pa.table({"text": ["a"]}), tmp_path / EXAMPLES_FILE)
    sha256 = hashlib.sha256((tmp_path / EXAMPLES_FILE).read_bytes()).hexdigest()
    with pytest.raises(DatasetError, match="columns"):
        read_dataset(Folder.at(str(tmp_path)), sha256=sha256)


def test_a_missing_dataset_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=EXAMPLES_FILE):
        read_dataset(Folder.at(str(tmp_path)), sha256="0" * 64)
