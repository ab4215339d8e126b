"""A real HAProxy refuses what is too much by itself, and only that."""

import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from benchmarks.own_service import free_port
from deployments.cluster.haproxy_shim import refuse_beyond
from deployments.cluster.node import haproxy_program
from deployments.ingress.failures import READING_PATHS, failure_body
from deployments.refusals import refused_by
from deployments.status import Status, http_code
from tests.support.waiting import wait_for

CONFIG = """global
    stats socket {folder}/s
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend prometheus
    bind 127.0.0.1:{page}
    http-request use-service prometheus-exporter if {{ path /metrics }}
frontend http_frontend
    bind 127.0.0.1:{port}
    acl is_ours path_beg /
    use_backend ours if is_ours
backend ours
    server one 127.0.0.1:{server}
"""


class SlowServer(ThreadingHTTPServer):
    """Answers once it is let; counts who waits."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.let = threading.Event()
        self.waiting = 0


class Handler(BaseHTTPRequestHandler):
    server: SlowServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.waiting += 1
        self.server.let.wait(20)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


@pytest.fixture
def slow() -> Iterator[SlowServer]:
    with SlowServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.let.set()
        server.shutdown()
        thread.join()


@contextmanager
def haproxy(folder: Path, server: SlowServer, *, requests: int) -> Iterator[tuple[str, str]]:
    """The service's URL, and the page for Prometheus."""
    port, page = free_port(), free_port()
    config = folder / "haproxy.cfg"
    text = CONFIG.format(folder=folder, port=port, page=page, server=server.server_port)
    text = refuse_beyond(text, requests=requests)
    assert refuse_beyond(text, requests=requests) == text
    config.write_text(text, encoding="utf-8")
    process = subprocess.Popen([haproxy_program(), "-db", "-f", config])
    try:
        wait_for((folder / "s").exists, timeout_s=10)
        yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{page}/metrics"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("path", sorted(READING_PATHS))
def test_the_next_request_to_read_is_told_429_by_haproxy_itself(tmp_path: Path, slow: SlowServer, path: str) -> None:
    with haproxy(tmp_path, slow, requests=2) as (url, page), ThreadPoolExecutor(2) as pool:
        assert refused_by([page]) == 0
        first = [pool.submit(httpx.post, url + path, content=b"x", timeout=30) for _ in range(2)]
        wait_for(lambda: slow.waiting == 2, timeout_s=10)
        told = httpx.post(url + path, content=b"x" * 100_000)
        assert told.status_code == http_code(Status.TOO_BUSY)
        assert told.headers["Retry-After"] == "1"
        assert told.headers["Content-Type"] == "application/json"
        assert len(told.headers["X-Request-Id"]) >= 32
        assert told.json() == failure_body(Status.TOO_BUSY, "too many requests to read are under way", path)
        own = httpx.post(url + path, content=b"x", headers={"X-Request-Id": "mine-1"})
        assert (own.status_code, own.headers["X-Request-Id"]) == (told.status_code, "mine-1")
        assert httpx.get(f"{url}/v1/status").is_success, "only reading is refused"
        slow.let.set()
        assert [answer.result().status_code for answer in first] == [200, 200]
        assert httpx.post(url + path, content=b"x").is_success
        # HAProxy counts a request at its end, which its own answer may overtake.
        wait_for(lambda: refused_by([page, "http://127.0.0.1:1/metrics"]) == 2, timeout_s=10)
