"""kill -9 at random moments: whatever was acknowledged is there, byte for byte."""

import hashlib
import random
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.archive import Archive
from deployments.blobs import BlobStore
from deployments.settings.storage import StorageSettings

KILLS = 4
ROOT = Path(__file__).parents[4]


def store_until_killed(data_dir: Path, *, lines: int) -> dict[str, str]:
    """What a process acknowledged before it was killed, some moment after so many lines."""
    command = [sys.executable, "-m", "tests.unit.deployments.archive.storing_process", str(data_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        acknowledged += process.stdout.readlines()
    # A line is written whole by one system call; only an empty one is the end.
    return dict(line.split() for line in acknowledged if line.strip())


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    acknowledged: dict[str, str] = {}
    for _ in range(KILLS):
        new = store_until_killed(tmp_path, lines=random.randrange(1, 200))
        assert new
        acknowledged |= new

    settings = StorageSettings(data_dir=tmp_path)
    archive = Archive.open(settings)
    for recognition_id, sha256 in acknowledged.items():
        stored = await archive.image(recognition_id)
        assert stored is not None, recognition_id
        assert hashlib.sha256(stored.data).hexdigest() == sha256
    await assert_that_rows_name_whole_packs(archive, settings)
    await archive.close()


async def assert_that_rows_name_whole_packs(archive: Archive, settings: StorageSettings) -> None:
    packs = {blob.key: blob.size_bytes for blob in BlobStore.open(settings.resolved_blobs_uri).list("images")}
    before: str | None = None
    while True:
        page = await archive.page(limit=1000, before=before)
        assert all(row.pack_offset_bytes + row.length_bytes <= packs[row.pack_key] for row in page.rows)
        if (before := page.next_before) is None:
            return
