"""The benchmark's clients against a server that answers as it is told."""

from collections.abc import Iterator
from itertools import cycle

import pytest

from benchmarks.bench.clients import Measured, closed_loop, open_loop
from benchmarks.bench.reading import Turn, summarise
from tests.support.scripted_server import Line, scripted_server


@pytest.fixture
def url() -> Iterator[str]:
    """Every fourth request is refused."""
    body = b'{"message": "too busy"}'
    with scripted_server(cycle([*([Line(200, body)] * 3), Line(429, body)])) as server:
        yield server.url


@pytest.mark.slow
def test_an_open_loop_keeps_its_rate_and_tells_refused_from_answered(url: str) -> None:
    told = open_loop(url, [b"{}"], rate=50, seconds=1)
    assert told.per_s == pytest.approx(50 * 0.75, rel=0.4)
    assert told.refused == pytest.approx(0.25, abs=0.1)
    assert told.errors == {}
    assert 0 < told.p50_ms <= told.p99_ms


@pytest.mark.slow
def test_a_closed_loop_counts_what_failed(url: str) -> None:
    told = closed_loop(url, [b"{}"], connections=2, seconds=1)
    assert told.per_s > 0
    assert set(told.errors) == {"429"}


def measured(per_s: float, **errors: int) -> Measured:
    return Measured(per_s=per_s, p50_ms=1000 / per_s, p90_ms=0, p99_ms=0, errors=errors)


def test_a_summary_has_medians_and_every_error() -> None:
    turns = [Turn("ours", measured(rate), measured(10), measured(5, timeout=1)) for rate in (100, 300, 200)]
    turns.append(Turn("twin", measured(50), measured(10), measured(5)))
    summaries = summarise(turns)
    assert list(summaries) == ["ours", "twin"]
    assert summaries["ours"].crowd_per_s == 200
    assert summaries["ours"].crowd_p50_ms == 5
    assert summaries["ours"].errors == 3
    assert summaries["twin"].errors == 0
