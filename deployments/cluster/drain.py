"""Letting requests in flight finish before everything stops."""

import csv
import logging
import socket
import time
from pathlib import Path

logger = logging.getLogger(__name__)

_FRONTEND = "http_frontend"
_POLL_S = 0.05


def drain(temp_dir: Path, *, limit_s: float) -> None:
    """Take no new connections and wait for running requests, for ``limit_s`` at most.

    Done at HAProxy's admin socket: Serve's own draining waits 30 s for load balancers that a
    single machine does not have. Without HAProxy there is nothing to do.
    """
    deadline = time.monotonic() + limit_s
    for path in temp_dir.glob("*/s"):
        try:
            _ask(path, f"disable frontend {_FRONTEND}")
            while running(_ask(path, "show stat")) and time.monotonic() < deadline:
                time.sleep(_POLL_S)
        except OSError as e:
            logger.info("nothing to drain: %s", e)


def running(statistics: str) -> int:
    """Requests that replicas are working on, from HAProxy's ``show stat`` (CSV).

    A client's idle connection counts at the frontend only, a running request at a backend too.
    """
    rows = csv.DictReader(statistics.lstrip("# ").splitlines())
    return sum(int(row["scur"] or 0) for row in rows if row["svname"] == "BACKEND")


def _ask(path: Path, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(1)
        s.connect(str(path))
        s.sendall(f"{command}\n".encode())
        answer = b""
        while part := s.recv(65_536):
            answer += part
    return answer.decode("utf-8", errors="replace")
