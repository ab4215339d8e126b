"""A database of each kind."""

from collections.abc import Iterator

import pytest

from deployments.records import Database


@pytest.fixture
def database(records_url: str) -> Iterator[Database]:
    opened = Database.open(records_url, timeout_s=2.0)
    yield opened
    opened.close()
