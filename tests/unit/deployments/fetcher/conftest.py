"""Parts that the fetcher's tests share."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from deployments.fetcher.fetcher import Fetcher
from deployments.fetcher.pinned import PinnedConnector
from deployments.settings.fetch import FetchSettings
from tests.support.captcha_server import CaptchaServer
from tests.unit.deployments.fetcher.scripted import MakeFetcher, RecordingDialler, ScriptedResolver


@pytest.fixture
def server() -> Iterator[CaptchaServer]:
    with CaptchaServer() as running:
        yield running


@pytest.fixture
async def make_fetcher() -> AsyncIterator[MakeFetcher]:
    """Makes fetchers that are closed, and seen to be idle, when the test ends."""
    async with AsyncExitStack() as stack:

        def make(
            resolver: ScriptedResolver | None = None,
            dialler: RecordingDialler | None = None,
            **fields: Any,  # noqa: ANN401
        ) -> Fetcher:
            fetcher = Fetcher(FetchSettings(**fields), resolver=resolver, make_connector=dialler or PinnedConnector)
            stack.push_async_callback(fetcher.aclose)
            return fetcher

        yield make
