"""The commands' surroundings: no settings from around, and a real service over HTTP, without a model or a cluster."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from deployments.archive import Archive
from deployments.cli import follow
from deployments.fetcher.fetcher import Fetcher
from deployments.ingress import event_stream
from deployments.ingress.reading import ReadingClient
from deployments.ingress.services import Services
from deployments.ingress.web import create_app
from deployments.records import Database
from deployments.settings.resolve import resolve_settings
from tests.support.fake_models import FakeModels
from tests.support.fake_recognizer import FakeRecognizer


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings from around, none left behind, no logging set up by the commands, no cluster.yaml."""
    for name in [n for n in os.environ if n.startswith("GLYPHSERVE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    before = dict(os.environ)
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]


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


ServeOver = Callable[..., AbstractContextManager[RunningService]]


@pytest.fixture
def serve_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServeOver:
    """Runs the application on a port of this machine, with the settings given."""
    monkeypatch.setattr(event_stream, "POLL_S", 0.02)
    monkeypatch.setattr(follow, "_PAUSE_S", 0.02)
    data_dir = tmp_path / "data"

    @contextmanager
    def run(port: int = 0, **arguments: object) -> Iterator[RunningService]:
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

    return run


@pytest.fixture
def service(serve_http: ServeOver) -> Iterator[RunningService]:
    with serve_http() as running:
        yield running


@contextmanager
def opened_records(service: RunningService) -> Iterator[Database]:
    """The service's records, as its retrainer sees and changes them."""
    opened = Database.open(f"sqlite:///{service.data_dir}/records.db")
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def database(service: RunningService) -> Iterator[Database]:
    with opened_records(service) as opened:
        yield opened
