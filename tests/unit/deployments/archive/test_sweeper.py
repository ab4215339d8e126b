"""The sweep: by age, by day, of writes that never ended, and in the background."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployments.archive import Archive
from deployments.archive.layout import LAST_SWEEP, new_pack_key
from deployments.archive.sweep import sweep, sweep_if_due
from deployments.blobs import BlobStore
from deployments.records import Database
from deployments.settings.storage import StorageSettings
from tests.unit.deployments.blobs.test_local_folder import files_in

HOUR_S = 3600.0


@pytest.fixture
def blobs(settings: StorageSettings) -> BlobStore:
    return BlobStore.open(settings.resolved_blobs_uri)


@pytest.fixture
def database(settings: StorageSettings) -> Iterator[Database]:
    opened = Database.open(settings.resolved_records_url)
    yield opened
    opened.close()


def left_over(folder: Path, key: str, *, age_s: float) -> None:
    path = folder / "blobs" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (time.time() - age_s,) * 2)


def test_only_the_old_goes_finished_or_not(blobs: BlobStore, database: Database, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for age_s in (0.5 * HOUR_S, 1.5 * HOUR_S):
        left_over(tmp_path, new_pack_key(now), age_s=age_s)
        left_over(tmp_path, new_pack_key(now) + ".123.part", age_s=age_s)
        left_over(tmp_path, f"datasets/{age_s}/examples.parquet", age_s=age_s)
        left_over(tmp_path, f"datasets/{age_s}/manifest.json.123.part", age_s=age_s)
        left_over(tmp_path, f"checks/{age_s}", age_s=age_s)
    left_over(tmp_path, "models/base/model.onnx", age_s=1e6)

    assert sweep(blobs, database, orphan_age_s=HOUR_S) == 5

    kept = files_in(tmp_path / "blobs")
    assert len(kept) == 6
    assert all(
        time.time() - (tmp_path / "blobs" / name).stat().st_mtime < HOUR_S for name in kept if "models" not in name
    )


def test_a_sweep_since_an_hour_looks_at_no_earlier_ones(blobs: BlobStore, database: Database, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    keys = [new_pack_key(now - timedelta(hours=hours)) for hours in (0, 2, 30)]
    for key in keys:
        left_over(tmp_path, key, age_s=2 * HOUR_S)

    assert sweep(blobs, database, orphan_age_s=HOUR_S, since=now - timedelta(hours=3)) == 2
    assert files_in(tmp_path / "blobs") == [keys[2]]
    assert sweep(blobs, database, orphan_age_s=HOUR_S) == 1


def test_a_sweep_that_is_stopped_stops(blobs: BlobStore, database: Database, tmp_path: Path) -> None:
    left_over(tmp_path, new_pack_key(datetime.now(UTC)), age_s=2 * HOUR_S)

    assert sweep(blobs, database, orphan_age_s=HOUR_S, stop=lambda: True) == 0


async def test_an_archive_sweeps_when_it_opens(settings: StorageSettings, tmp_path: Path) -> None:
    key = new_pack_key(datetime.now(UTC))
    left_over(tmp_path, key, age_s=2 * HOUR_S)

    archive = Archive.open(settings)
    deadline = time.monotonic() + 10
    while not (tmp_path / "blobs" / LAST_SWEEP).exists():
        assert time.monotonic() < deadline
    await archive.close()

    assert files_in(tmp_path / "blobs") == [LAST_SWEEP]


def test_one_sweep_follows_another_only_when_due(blobs: BlobStore, database: Database, tmp_path: Path) -> None:
    def due(*, every_s: float = HOUR_S) -> bool:
        return sweep_if_due(blobs, database, orphan_age_s=HOUR_S, every_s=every_s)

    now = datetime.now(UTC)
    ancient, recent = (new_pack_key(now - timedelta(hours=hours)) for hours in (30, 2))
    left_over(tmp_path, ancient, age_s=30 * HOUR_S)
    assert due()
    assert files_in(tmp_path / "blobs") == [LAST_SWEEP]

    left_over(tmp_path, ancient, age_s=30 * HOUR_S)
    left_over(tmp_path, recent, age_s=2 * HOUR_S)
    assert not due()
    assert due(every_s=0)
    assert files_in(tmp_path / "blobs") == [ancient, LAST_SWEEP]

    blobs.put(LAST_SWEEP, b"no date")
    assert due()
    assert files_in(tmp_path / "blobs") == [LAST_SWEEP]
