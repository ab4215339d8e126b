"""What the archive promises, on the embedded stores and on a cluster's."""

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from deployments.archive import Archive, Example, Job
from deployments.archive.sweep import sweep
from deployments.blobs import BlobStore
from deployments.errors import StorageError
from deployments.records import Database, DatasetRecords, RetrainState, Source
from deployments.settings.storage import StorageSettings
from tests.unit.deployments.archive.entries import entry


@pytest.fixture(params=["embedded", pytest.param("cluster", marks=pytest.mark.slow)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> StorageSettings:
    if request.param == "embedded":
        return StorageSettings(data_dir=tmp_path)
    return StorageSettings(
        data_dir=tmp_path,
        records_url=request.getfixturevalue("postgresql").fresh_url(),
        blobs_uri=request.getfixturevalue("s3_server").fresh_uri(),
    )


@pytest.fixture
def blobs(settings: StorageSettings) -> BlobStore:
    return BlobStore.open(settings.resolved_blobs_uri)


@pytest.fixture
def database(settings: StorageSettings) -> Iterator[Database]:
    opened = Database.open(settings.resolved_records_url)
    yield opened
    opened.close()


@pytest.fixture
async def other(settings: StorageSettings) -> AsyncIterator[Archive]:
    """A second process's archive on the same stores."""
    opened = Archive.open(settings)
    yield opened
    await opened.close()


async def test_what_is_stored_comes_back(archive: Archive, other: Archive) -> None:
    images = [b"first", b"", bytes(range(256)) * 20]

    ids = await archive.store([entry(image, text=str(n)) for n, image in enumerate(images)])

    for reader in (archive, other):
        for n, (new, image) in enumerate(zip(ids, images, strict=True)):
            stored = await reader.image(new)
            assert stored is not None
            assert (stored.data, stored.media_type) == (image, "image/png")
            row = await reader.recognition(new)
            assert row is not None
            assert (row.id, row.text, row.confidence, row.source) == (new, str(n), 0.75, Source.UPLOAD)
            assert abs(datetime.now(UTC) - row.created_at) < timedelta(minutes=1)
        assert [row.id for row in (await reader.page(limit=10)).rows] == ids[::-1]
        assert (await reader.page(limit=10, min_confidence=0.8)).rows == ()


@pytest.mark.parametrize("unknown", ["0" * 32, "", "no such thing", "../../etc", "a\0b", "\ud800", "Ａ" * 32])
async def test_what_is_not_there_is_none(archive: Archive, unknown: str) -> None:
    assert await archive.image(unknown) is None
    assert await archive.recognition(unknown) is None
    assert await archive.jobs.get(unknown) is None
    assert await archive.versions.get(unknown) is None
    assert await archive.corrections.correct(unknown, "x") is None
    assert not await archive.jobs.cancel(unknown, reason="")


async def test_requests_at_once_share_commits_and_keep_their_order(archive: Archive, blobs: BlobStore) -> None:
    requests = [[entry(f"{request}-{n}".encode()) for n in range(1 + request % 3)] for request in range(200)]

    answers = await asyncio.gather(*(archive.store(request) for request in requests))

    assert [len(ids) for ids in answers] == [len(request) for request in requests]
    all_ids = [new for ids in answers for new in ids]
    assert len(set(all_ids)) == len(all_ids)
    for request in (0, 1, 2, 100, 199):
        found = [await archive.image(new) for new in answers[request]]
        assert [image.data for image in found if image] == [one.image for one in requests[request]]
    packs = list(blobs.list("images"))
    assert len(packs) <= 10
    assert sum(pack.size_bytes for pack in packs) == sum(len(one.image) for request in requests for one in request)


async def test_an_empty_request_stores_nothing(archive: Archive, blobs: BlobStore) -> None:
    assert await archive.store([]) == []
    assert list(blobs.list("images")) == []


async def test_a_dataset_is_sealed_and_its_job_queued(archive: Archive, blobs: BlobStore, database: Database) -> None:
    examples = [Example(b"image one", "aB3"), Example(b"image two", "é字"), Example(b"image one", "aB3")]

    job = await archive.store_dataset(examples, source=Source.UPLOAD, debug=True)

    assert (job.state, job.debug) == (RetrainState.QUEUED, True)
    shown = Job(job, examples=3, ahead=0)
    assert await archive.jobs.get(job.id) == shown
    assert (await archive.jobs.page(limit=5)).rows == (shown,)
    assert (await archive.jobs.page(limit=5, state=RetrainState.RUNNING)).rows == ()
    with database.reading() as connection:
        dataset = DatasetRecords(connection).get(job.dataset_id)
    assert dataset is not None
    assert (dataset.examples, dataset.source) == (3, Source.UPLOAD)
    data = blobs.get(f"{dataset.key}/examples.parquet")
    manifest = json.loads(blobs.get(f"{dataset.key}/manifest.json"))
    assert dataset.sha256 == hashlib.sha256(data).hexdigest()
    assert manifest == {
        "format_version": 1,
        "id": dataset.id,
        "examples": 3,
        "files": {"examples.parquet": {"sha256": dataset.sha256, "bytes": len(data)}},
    }
    assert pq.read_table(io.BytesIO(data)).to_pylist() == [
        {"index": n, "image": one.image, "label": one.label, "sha256": hashlib.sha256(one.image).hexdigest()}
        for n, one in enumerate(examples)
    ]


async def test_a_sweep_takes_what_no_row_names_and_nothing_else(
    archive: Archive, blobs: BlobStore, database: Database
) -> None:
    [new] = await archive.store([entry(b"kept")])
    job = await archive.store_dataset([Example(b"kept", "x")], source=Source.UPLOAD, debug=False)
    named = {blob.key for folder in ("images", "datasets") for blob in blobs.list(folder)}
    blobs.put("images/2020/01/01/orphan.pack", b"x")
    blobs.put("datasets/orphan/examples.parquet", b"x")

    assert sweep(blobs, database, orphan_age_s=60) == 0
    assert await asyncio.gather(*(asyncio.to_thread(sweep, blobs, database, orphan_age_s=-60) for _ in range(2)))

    assert {blob.key for folder in ("images", "datasets") for blob in blobs.list(folder)} == named
    assert await archive.image(new) is not None
    assert blobs.exists(f"datasets/{job.dataset_id}/manifest.json")


async def test_a_check_leaves_nothing_behind(archive: Archive, blobs: BlobStore) -> None:
    await archive.check()

    assert list(blobs.list("checks")) == []


async def test_closing_stores_what_waits_and_refuses_the_rest(settings: StorageSettings) -> None:
    closing, reading = Archive.open(settings), Archive.open(settings)
    waiting = [asyncio.ensure_future(closing.store([entry(str(n).encode())])) for n in range(50)]
    await asyncio.sleep(0)

    await closing.close()
    answers = await asyncio.gather(*waiting)
    with pytest.raises(StorageError, match="shutting down"):
        await closing.store([entry()])
    await closing.close()

    stored = [await reading.image(new) for [new] in answers]
    assert [image.data for image in stored if image] == [str(n).encode() for n in range(50)]
    await reading.close()
