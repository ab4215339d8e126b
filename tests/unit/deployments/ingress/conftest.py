"""The real application over ASGI: real storage and downloads, a recognizer without a model."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from deployments.archive import Archive
from deployments.fetcher.fetcher import Fetcher
from deployments.ingress.reading import ReadingClient
from deployments.ingress.services import Services
from deployments.ingress.web import create_app
from deployments.records import Database
from deployments.settings.resolve import resolve_settings
from tests.support.fake_models import FakeModels
from tests.support.fake_recognizer import FakeRecognizer
from tests.support.recorded_meter import RecordedMeter

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def recognizer() -> FakeRecognizer:
    return FakeRecognizer()


@pytest.fixture
def models() -> FakeModels:
    return FakeModels()


@pytest.fixture
def meter() -> RecordedMeter:
    return RecordedMeter()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The application's records, as another process of the service sees and changes them."""
    opened = Database.open(f"sqlite:///{tmp_path}/records.db")
    yield opened
    opened.close()


@pytest.fixture
def serve(tmp_path: Path, recognizer: FakeRecognizer, models: FakeModels, meter: RecordedMeter) -> Serve:
    """Runs the application with the settings given and yields a client of it."""

    @asynccontextmanager
    async def run(peer: str = "127.0.0.1", **arguments: object) -> AsyncIterator[httpx.AsyncClient]:
        settings = resolve_settings({"data_dir": str(tmp_path), **arguments})
        archive = Archive.open(settings.storage)
        fetcher = Fetcher(settings.fetch)
        services = Services(
            settings=settings,
            reading=ReadingClient(recognizer, settings.reading, meter=meter),
            archive=archive,
            fetcher=fetcher,
            models=models,
            meter=meter,
        )
        transport = httpx.ASGITransport(create_app(services), client=(peer, 50_000), raise_app_exceptions=False)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                yield client
        finally:
            await fetcher.aclose()
            await archive.close()

    return run


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[httpx.AsyncClient]:
    async with serve() as client:
        yield client
