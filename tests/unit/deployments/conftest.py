"""Places to store in, for the contracts that every one of them has to keep, and models to put there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.versions import renamed
from deployments.rollout.library import ModelLibrary
from deployments.settings.storage import StorageSettings
from tests.support.tiny_model import save_tiny_model
from tests.unit.deployments.blobs.s3_server import S3Server, running_s3_server
from tests.unit.deployments.records.postgresql_server import (
    PostgresServer,
    postgresql_binaries,
    running_postgresql,
)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with running_s3_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    binaries = postgresql_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with running_postgresql(binaries) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def records_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new and empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.db"
    server: PostgresServer = request.getfixturevalue("postgresql")
    return server.fresh_url()


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.slow)])
def blobs_uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new and empty place for blobs of each kind."""
    if request.param == "folder":
        return str(tmp_path / "blobs")
    server: S3Server = request.getfixturevalue("s3_server")
    return server.fresh_uri()


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder of the version base-1."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "first", "base-1")


@pytest.fixture(scope="session")
def second(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder of the version base-2."""
    return renamed(first, tmp_path_factory.mktemp("models") / "second", "base-2")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[ModelLibrary]:
    opened = ModelLibrary.open(StorageSettings(data_dir=tmp_path))
    yield opened
    opened.close()
