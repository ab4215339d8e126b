"""What only a folder on this machine can show: nothing half-written, failures that pass."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployments.blobs import BlobStore
from deployments.errors import StorageError


@contextmanager
def files_at_most(size_bytes: int) -> Iterator[None]:
    """As on a full disk, a write beyond this size fails in its middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_write_that_fails_in_its_middle_leaves_nothing_and_the_old_blob(tmp_path: Path) -> None:
    blobs = BlobStore.open(str(tmp_path))
    blobs.put("a/old", b"old")

    with files_at_most(2**20):
        for key in ("a/old", "a/new", "b/new"):
            with pytest.raises(StorageError, match="could not be written"):
                blobs.put(key, bytes(2**21))

    assert files_in(tmp_path) == ["a/old"]
    assert blobs.get("a/old") == b"old"
    blobs.put("a/new", bytes(2**21))
    assert len(blobs.get("a/new")) == 2**21


def test_a_folder_in_whose_way_a_file_stands_fails_until_it_is_gone(tmp_path: Path) -> None:
    blobs = BlobStore.open(str(tmp_path))
    (tmp_path / "images").write_bytes(b"")

    for call in (
        lambda: blobs.put("images/a", b"x"),
        lambda: blobs.get("images/a"),
        lambda: blobs.delete("images/a"),
        lambda: list(blobs.list("images")),
    ):
        with pytest.raises(StorageError):
            call()

    (tmp_path / "images").unlink()
    blobs.put("images/a", b"x")
    assert blobs.get("images/a") == b"x"


def test_a_folder_that_vanished_is_made_again(tmp_path: Path) -> None:
    blobs = BlobStore.open(str(tmp_path / "blobs"))
    (tmp_path / "blobs").rmdir()

    blobs.put("a/b/c", b"x")

    assert blobs.get("a/b/c") == b"x"


def test_unfinished_writes_are_listed_apart(tmp_path: Path) -> None:
    blobs = BlobStore.open(str(tmp_path))
    blobs.put("a/whole", b"x")
    (tmp_path / "a" / "b.123.part").write_bytes(b"half")

    assert [info.key for info in blobs.list("a")] == ["a/whole"]
    assert [info.key for info in blobs.list_unfinished("a")] == ["a/b.123.part"]


def test_a_file_uri_names_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "with space"

    BlobStore.open(f"file://{str(folder).replace(' ', '%20')}").put("a", b"x")

    assert (folder / "a").read_bytes() == b"x"


@pytest.mark.parametrize(
    "uri", ["nothing://bucket/folder", "file://relative/path", "s3://bucket?no_such_option=1", "s3://"]
)
def test_a_place_that_cannot_be_opened_is_an_error(uri: str) -> None:
    with pytest.raises(StorageError):
        BlobStore.open(uri)
