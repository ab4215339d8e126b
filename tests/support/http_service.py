"""A real service over HTTP, without a model or a cluster."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from deployments.archive import Archive
from deployments.fetcher.fetcher import Fetcher
from deployments.ingress.reading import ReadingClient
from deployments.ingress.services import Services
from deployments.ingress.web import create_app
from deployments.records import Database
from deployments.settings.resolve import resolve_settings
from tests.support.fake_models import FakeModels
from tests.support.fake_recognizer import FakeRecognizer


@dataclass(frozen=True)
class RunningService:
    """A service that answers.

    Attributes:
        url: where.
        data_dir: its data folder.
        models: what it was asked to activate.
    """

    url: str
    data_dir: Path
    models: FakeModels


@contextmanager
def serving(data_dir: Path, *, port: int = 0, **arguments: object) -> Iterator[RunningService]:
    """Run the application on a port of this machine, with the settings given."""
    settings = resolve_settings({"data_dir": str(data_dir), **arguments})
    models = FakeModels()
    services = Services(
        settings=settings,
        reading=ReadingClient(FakeRecognizer(), settings.reading),
        archive=Archive.open(settings.storage),
        fetcher=Fetcher(settings.fetch),
        models=models,
    )
    # Listening before the server runs: clients wait for it instead of us.
    with socket.create_server(("127.0.0.1", port)) as listening:
        config = uvicorn.Config(create_app(services), log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield RunningService(f"http://127.0.0.1:{listening.getsockname()[1]}", data_dir, models)
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def opened_records(service: RunningService) -> Iterator[Database]:
    """The service's records, as its retrainer sees and changes them."""
    opened = Database.open(f"sqlite:///{service.data_dir}/records.db")
    try:
        yield opened
    finally:
        opened.close()
