# ruff: noqa: ANN401 - whatever the client takes and gives passes through
"""Both clients through one interface: what one does, the other does too."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from deployments.ingress import event_stream
from glyphserve.client import AsyncClient, Client, following
from tests.support.http_service import RunningService, serving


class Awaited:
    """An AsyncClient as if it were a Client, on an event loop of its own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._client = AsyncClient(*args, **options)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._client.close())
        self._runner.close()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*args: Any, **options: Any) -> Any:
            made = method(*args, **options)
            if not hasattr(made, "__aiter__"):
                return self._runner.run(made)
            return self._iterate(made)

        return call

    def _iterate(self, made: Any) -> Iterator[Any]:
        while True:
            try:
                yield self._runner.run(made.__anext__())
            except StopAsyncIteration:
                return


Connect = Callable[..., Client]


@pytest.fixture(params=[Client, Awaited], ids=["plain", "asyncio"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Makes a client of either kind."""
    kind: Connect = request.param
    return kind


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningService]:
    monkeypatch.setattr(event_stream, "POLL_S", 0.02)
    monkeypatch.setattr(following, "PAUSE_S", 0.02)
    with serving(tmp_path / "data", fetch={"allowed_hosts": ["127.0.0.1"]}) as running:
        yield running


@pytest.fixture
def client(connect: Connect, service: RunningService) -> Iterator[Client]:
    with connect(service.url) as made:
        yield made
