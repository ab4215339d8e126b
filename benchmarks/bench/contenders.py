"""The services that are compared, each started for its own turn and ended after it."""

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.own_service import free_port, own_service

OURS = "glyphserve"
TWIN = "twin"

_START_S = 90.0
_STOP_S = 30.0
_POLL_S = 0.1


@dataclass(frozen=True)
class Rival:
    """What one would use instead.

    Attributes:
        command: arguments; ``{port}`` and ``{data}`` are filled in.
        ready: path that answers once images are read.
        package: what must be installed for it.
    """

    command: tuple[str, ...]
    ready: str = "/docs"
    package: str = "fastapi"


def _service(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"benchmarks.services.{name}", "--port", "{port}", *arguments)


RIVALS = {
    TWIN: Rival(_service("twin", "--data-dir", "{data}")),
    "litserve": Rival(_service("litserve_reader"), package="litserve"),
    "ddddocr": Rival(_service("peer", "--reader", "ddddocr"), package="ddddocr"),
    "rapidocr": Rival(_service("peer", "--reader", "rapidocr"), package="rapidocr"),
}


def contenders() -> list[str]:
    """Ours, and those of the others that are installed."""
    return [OURS, *(name for name, rival in RIVALS.items() if importlib.util.find_spec(rival.package))]


@contextmanager
def serving(name: str) -> Iterator[str]:
    """Start a contender on an empty data folder, wait until it reads, give its URL, and end it with the block.

    Raises:
        RuntimeError: it ended or was not ready in time; its last output is in the message.
    """
    with tempfile.TemporaryDirectory(prefix="glyphserve-bench-") as folder:
        if name == OURS:
            with own_service(Path(folder), environment={}) as service:
                yield service.url
        else:
            with running(RIVALS[name], Path(folder)) as url:
                yield url


@contextmanager
def running(rival: Rival, folder: Path) -> Iterator[str]:
    """Start a rival with this data folder; see `serving`."""
    port = free_port()
    output = folder / "output"
    with output.open("wb") as written:
        process = subprocess.Popen(
            [part.format(port=port, data=folder) for part in rival.command],
            stdout=written,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
    try:
        _wait_ready(f"http://127.0.0.1:{port}{rival.ready}", process, output)
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(process)


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
    """Ask the service to end; whatever is left of its group then is killed."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
