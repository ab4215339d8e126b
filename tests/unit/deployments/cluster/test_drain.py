import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.cluster.drain import drain, running

HEADER = "# pxname,svname,qcur,qmax,scur,smax,"
BUSY = f"{HEADER}\nhttp_frontend,FRONTEND,,,5,5,\napp,BACKEND,0,0,2,2,\nother,BACKEND,0,0,1,1,\n\n"
IDLE = f"{HEADER}\nhttp_frontend,FRONTEND,,,5,5,\napp,BACKEND,0,0,0,2,\n\n"


class AdminSocket(socketserver.UnixStreamServer):
    """Answers as HAProxy's admin socket does: one command a connection."""

    answers: list[str]
    asked: list[str]


class Answer(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, AdminSocket)
        command = self.rfile.readline().decode().strip()
        self.server.asked.append(command)
        if command == "show stat":
            self.wfile.write(self.server.answers.pop(0).encode())


@pytest.fixture
def haproxy(tmp_path: Path) -> Iterator[AdminSocket]:
    (tmp_path / "node").mkdir()
    with AdminSocket(str(tmp_path / "node" / "s"), Answer) as server:
        server.asked, server.answers = [], []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_running_requests_are_counted_and_idle_connections_are_not() -> None:
    assert (running(BUSY), running(IDLE)) == (3, 0)


def test_it_waits_until_no_request_runs(haproxy: AdminSocket, tmp_path: Path) -> None:
    haproxy.answers = [BUSY, BUSY, IDLE]
    drain(tmp_path, limit_s=30)
    assert haproxy.asked == ["disable frontend http_frontend", *["show stat"] * 3]


def test_it_does_not_wait_for_ever(haproxy: AdminSocket, tmp_path: Path) -> None:
    haproxy.answers = [BUSY, IDLE]
    drain(tmp_path, limit_s=0)
    assert haproxy.asked[1:] == ["show stat"]


def test_without_haproxy_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "s").touch()  # the socket of one that died
    drain(tmp_path, limit_s=30)
