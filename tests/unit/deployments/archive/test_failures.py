"""Stores that fail: everybody is told, nothing is half there, and it works again without a restart."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from deployments.archive import Archive, Example
from deployments.errors import StorageError
from deployments.records import Source
from tests.unit.deployments.archive.entries import entry
from tests.unit.deployments.blobs.test_local_folder import files_at_most, files_in


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process holds the write lock."""
    other = sqlite3.connect(database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@contextmanager
def hidden(path: Path) -> Iterator[None]:
    """A file or folder is gone, and comes back."""
    away = path.with_name("away")
    path.rename(away)
    try:
        yield
    finally:
        while away.exists():
            _set_aside(path)
            with suppress(OSError):
                away.rename(path)


def _set_aside(path: Path) -> None:
    """Take away what the sweeper's thread made anew, in one step: what is emptied first may be filled meanwhile."""
    with suppress(FileNotFoundError):
        path.rename(path.with_name(f"aside-{uuid4().hex}"))


@contextmanager
def blocked(folder: Path) -> Iterator[None]:
    """A folder cannot be written or read, not even by root, whom no permission stops."""
    with hidden(folder):
        while not folder.is_file():
            _set_aside(folder)
            with suppress(IsADirectoryError):
                folder.write_bytes(b"")
        yield


@contextmanager
def failing(what: str, data_dir: Path) -> Iterator[None]:
    """One way to fail, for as long as the block takes."""
    ways = {
        "database locked": lambda: locked(data_dir / "records.db"),
        "database gone": lambda: hidden(data_dir / "records.db"),
        "blobs blocked": lambda: blocked(data_dir / "blobs"),
        "disk full": lambda: files_at_most(10),
    }
    with ways[what]():
        yield


WAYS = ["database locked", "database gone", "blobs blocked", "disk full"]


@pytest.mark.parametrize("way", WAYS)
async def test_every_request_of_a_group_is_told_and_nothing_stays(archive: Archive, tmp_path: Path, way: str) -> None:
    [before] = await archive.store([entry(b"before")])
    packs = files_in(tmp_path / "blobs" / "images")

    with failing(way, tmp_path):
        answers = await asyncio.gather(
            *(archive.store([entry(bytes(100))] * 3) for _ in range(20)), return_exceptions=True
        )

    assert {type(answer) for answer in answers} == {StorageError}
    assert len({id(answer) for answer in answers}) == 20
    assert {str(answer) for answer in answers} == {"storage failed: the images could not be stored; please try again"}
    assert files_in(tmp_path / "blobs" / "images") == packs
    [after] = await archive.store([entry(b"after")])
    assert [row.id for row in (await archive.page(limit=10)).rows] == [after, before]
    for new, data in ((before, b"before"), (after, b"after")):
        stored = await archive.image(new)
        assert stored is not None
        assert stored.data == data


@pytest.mark.parametrize("way", WAYS)
async def test_a_dataset_is_stored_whole_or_not_at_all(archive: Archive, tmp_path: Path, way: str) -> None:
    examples = [Example(bytes(100), "x")]
    with failing(way, tmp_path), pytest.raises(StorageError):
        await archive.store_dataset(examples, source=Source.UPLOAD, debug=False)

    datasets = tmp_path / "blobs" / "datasets"
    assert not datasets.exists() or files_in(datasets) == []
    job = await archive.store_dataset(examples, source=Source.UPLOAD, debug=False)
    assert [found.row for found in (await archive.jobs.page(limit=9)).rows] == [job]


@pytest.mark.parametrize("way", WAYS)
async def test_a_check_tells_and_passes_again(archive: Archive, tmp_path: Path, way: str) -> None:
    # "disk full" lets small things through, as disks do; the check writes two bytes.
    if way == "disk full":
        with files_at_most(1), pytest.raises(StorageError):
            await archive.check()
    else:
        with failing(way, tmp_path), pytest.raises(StorageError):
            await archive.check()

    await archive.check()


async def test_a_commit_that_fails_leaves_a_pack_for_the_sweep(archive: Archive, tmp_path: Path) -> None:
    await archive.store([entry(b"before")])
    wal_bytes = (tmp_path / "records.db-wal").stat().st_size

    with files_at_most(wal_bytes), pytest.raises(StorageError):
        await archive.store([entry(b"lost")])

    assert len(files_in(tmp_path / "blobs" / "images")) == 2
    assert len((await archive.page(limit=10)).rows) == 1
    await archive.store([entry(b"after")])


async def test_a_client_that_goes_harms_nobody(archive: Archive, tmp_path: Path) -> None:
    with locked(tmp_path / "records.db"):
        requests = [asyncio.ensure_future(archive.store([entry(str(n).encode())])) for n in range(4)]
        await asyncio.sleep(0)
        requests[0].cancel()
        requests[2].cancel()
        answers = await asyncio.gather(*requests, return_exceptions=True)
    assert [type(answer) for answer in answers] == [
        asyncio.CancelledError,
        StorageError,
        asyncio.CancelledError,
        StorageError,
    ]

    requests = [asyncio.ensure_future(archive.store([entry(str(n).encode())])) for n in range(100)]
    await asyncio.sleep(0)
    for request in requests[::2]:
        request.cancel()
    answers = await asyncio.gather(*requests, return_exceptions=True)
    for n, answer in enumerate(answers):
        if n % 2 == 0:
            assert isinstance(answer, asyncio.CancelledError)
        else:
            assert isinstance(answer, list)
            stored = await archive.image(answer[0])
            assert stored is not None
            assert stored.data == str(n).encode()


async def test_an_image_whose_pack_is_lost_is_an_error(archive: Archive, tmp_path: Path) -> None:
    [new] = await archive.store([entry()])
    for name in files_in(tmp_path / "blobs"):
        (tmp_path / "blobs" / name).unlink()

    with pytest.raises(StorageError):
        await archive.image(new)


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_a_text_that_a_database_refuses_never_joins_a_group(text: str) -> None:
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        entry(text=text)
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        entry(request_id=text)
