"""The services that are compared, each started for its own turn and ended after it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import httpx

_START_S = 90.0
_STOP_S = 30.0
_POLL_S = 0.1

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Contender:
    """One service.

    Attributes:
        name: in tables.
        command: arguments; ``{port}`` and ``{data}`` are filled in.
        ready: path that answers below 500 as soon as images are read.
        package: what must be installed for it.
        environment: variables beside this process's own; filled in as the command is.
    """

    name: str
    command: tuple[str, ...]
    ready: str = "/docs"
    package: str = "fastapi"
    environment: Mapping[str, str] = field(default_factory=lambda: _NONE)


def _service(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"benchmarks.services.{name}", "--port", "{port}", *arguments)


OURS = Contender(
    "glyphserve",
    (sys.executable, "-m", "deployments.cli.main", "up", "--port", "{port}"),
    ready="/healthz/ready",
    environment=MappingProxyType({"GLYPHSERVE_DATA_DIR": "{data}"}),
)
TWIN = Contender("twin", _service("twin", "--data-dir", "{data}"))
LITSERVE = Contender("litserve", _service("litserve_reader"), package="litserve")
DDDDOCR = Contender("ddddocr", _service("peer", "--reader", "ddddocr"), package="ddddocr")
RAPIDOCR = Contender("rapidocr", _service("peer", "--reader", "rapidocr"), package="rapidocr")

CONTENDERS = {c.name: c for c in (OURS, TWIN, LITSERVE, DDDDOCR, RAPIDOCR)}


@dataclass(frozen=True)
class Running:
    """A contender that serves.

    Attributes:
        url: where, without a slash at the end.
        process: its first process.
        data: its data folder.
    """

    url: str
    process: subprocess.Popen[bytes]
    data: Path


@contextmanager
def running(contender: Contender, *, environment: Mapping[str, str] = _NONE) -> Iterator[Running]:
    """Start a contender in a fresh data folder, wait until it reads, and end it with the block.

    Raises:
        RuntimeError: it ended or was not ready in time; its last output is in the message.
    """
    with tempfile.TemporaryDirectory(prefix="glyphserve-bench-") as folder, _free_port() as port:
        values = {"port": str(port), "data": folder}
        filled = {name: value.format_map(values) for name, value in contender.environment.items()}
        with Path(folder, "output").open("w+b") as output:
            process = subprocess.Popen(
                [part.format_map(values) for part in contender.command],
                env={**os.environ, **filled, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_ready(f"{url}{contender.ready}", process, Path(folder, "output"))
                yield Running(url, process, Path(folder))
            finally:
                _stop(process)


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    yield port


def _wait_ready(url: str, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(_POLL_S)
    raise RuntimeError(f"{process.args!r} did not get ready:\n{output.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the service to end; kill its whole group, if that is not enough."""
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
