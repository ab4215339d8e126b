"""Archives to test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deployments.archive import Archive
from deployments.settings.storage import StorageSettings


@pytest.fixture
def settings(tmp_path: Path) -> StorageSettings:
    """The embedded defaults, quick to give up."""
    return StorageSettings(data_dir=tmp_path, database_timeout_s=0.2)


@pytest.fixture
async def archive(settings: StorageSettings) -> AsyncIterator[Archive]:
    opened = Archive.open(settings)
    yield opened
    await opened.close()
