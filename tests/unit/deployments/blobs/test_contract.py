"""What every place for blobs has to keep."""

from datetime import UTC, datetime, timedelta

import pytest

from deployments.blobs import BlobStore
from deployments.errors import StorageError


@pytest.fixture
def blobs(blobs_uri: str) -> BlobStore:
    return BlobStore.open(blobs_uri)


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 4096])
def test_what_is_put_is_got(blobs: BlobStore, data: bytes) -> None:
    blobs.put("images/2026/11/22/a-1_b.pack", data)

    assert blobs.get("images/2026/11/22/a-1_b.pack") == data


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [(0, 3, b"012"), (4, 2, b"45"), (9, 1, b"9"), (7, None, b"789"), (0, 0, b""), (10, None, b""), (10, 0, b"")],
)
def test_a_range_is_got(blobs: BlobStore, offset: int, length: int | None, expected: bytes) -> None:
    blobs.put("a", b"0123456789")

    assert blobs.get("a", offset, length) == expected


@pytest.mark.parametrize(("offset", "length"), [(0, 11), (9, 2), (10, 1), (50, 1)])
def test_a_range_beyond_the_end_is_an_error(blobs: BlobStore, offset: int, length: int) -> None:
    blobs.put("a", b"0123456789")

    with pytest.raises(StorageError):
        blobs.get("a", offset, length)


def test_a_missing_blob_is_an_error_that_names_nothing_internal(blobs: BlobStore) -> None:
    with pytest.raises(StorageError) as caught:
        blobs.get("images/none")

    assert caught.value.detail == "a blob could not be read"


def test_putting_again_replaces(blobs: BlobStore) -> None:
    blobs.put("a", b"first, and longer")
    blobs.put("a", b"second")

    assert blobs.get("a") == b"second"


def test_a_deleted_blob_is_gone_and_deleting_again_is_no_error(blobs: BlobStore) -> None:
    blobs.put("folder/a", b"x")
    assert blobs.exists("folder/a")

    blobs.delete("folder/a")
    blobs.delete("folder/a")

    assert not blobs.exists("folder/a")
    assert not blobs.exists("folder")


def test_a_list_holds_the_folder_and_nothing_else(blobs: BlobStore) -> None:
    for key in ("a/2/y", "a/1/x", "ab/z", "b", "a/3"):
        blobs.put(key, key.encode())

    found = sorted(blobs.list("a"), key=lambda info: info.key)

    assert [(info.key, info.size_bytes) for info in found] == [("a/1/x", 5), ("a/2/y", 5), ("a/3", 3)]
    now = datetime.now(UTC)
    assert all(now - timedelta(minutes=1) < info.modified_at <= now + timedelta(seconds=2) for info in found)
    assert list(blobs.list("none")) == []
    assert list(blobs.list_unfinished("a")) == []


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".", "a/.hidden", "A", "a b", "ä", "a\n"])
def test_a_key_that_is_not_ours_is_refused(blobs: BlobStore, key: str) -> None:
    for call in (
        blobs.get,
        blobs.delete,
        blobs.exists,
        lambda key: blobs.put(key, b""),
        lambda key: list(blobs.list(key)),
    ):
        with pytest.raises(ValueError, match="not a blob key"):
            call(key)
