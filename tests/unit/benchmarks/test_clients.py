"""The benchmark's clients against a server that answers as it is told."""

import itertools
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from benchmarks.bench.clients import Measured, closed_loop, open_loop
from benchmarks.bench.reading import Turn, summarise


@pytest.fixture
def url() -> Iterator[str]:
    """Every fourth request is refused."""
    numbers = itertools.count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(429 if next(numbers) % 4 == 3 else 200)
            self.send_header("Content-Length", "23")
            self.end_headers()
            self.wfile.write(b'{"message": "too busy"}')

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


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
