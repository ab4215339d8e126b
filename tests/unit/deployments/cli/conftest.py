"""The commands' surroundings: no settings from around, and a real service over HTTP, without a model or a cluster."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from deployments.ingress import event_stream
from deployments.records import Database
from glyphserve.client import following
from tests.support.http_service import RunningService, opened_records, serving


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


ServeOver = Callable[..., AbstractContextManager[RunningService]]


@pytest.fixture
def serve_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServeOver:
    """Runs the application on a port of this machine, with the settings given."""
    monkeypatch.setattr(event_stream, "POLL_S", 0.02)
    monkeypatch.setattr(following, "PAUSE_S", 0.02)

    def run(port: int = 0, **arguments: object) -> AbstractContextManager[RunningService]:
        return serving(tmp_path / "data", port=port, **arguments)

    return run


@pytest.fixture
def service(serve_http: ServeOver) -> Iterator[RunningService]:
    with serve_http() as running:
        yield running


@pytest.fixture
def database(service: RunningService) -> Iterator[Database]:
    with opened_records(service) as opened:
        yield opened
