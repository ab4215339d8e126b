"""A real cluster for tests: `glyphserve up` as a user would run it, on free ports."""

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.own_service import free_port
from deployments.cluster.cleanup import cluster_processes
from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import is_free
from deployments.cluster.state import ClusterState
from deployments.cluster.stop import stop_cluster

REPOSITORY = Path(__file__).parents[2]
CONFIG = REPOSITORY / "cluster.yaml"
READY_S = 150
STOP_S = 15


@dataclass(frozen=True, kw_only=True)
class RunningCluster:
    """A cluster that said it is ready."""

    base_url: str
    data_dir: Path
    run_id: str
    ready_line: str
    process: subprocess.Popen[str]
    lines: "queue.SimpleQueue[str | None]"

    def said(self) -> str:
        """What it said since it was ready, to its end."""
        found = []
        while (line := self.lines.get(timeout=STOP_S)) is not None:
            found.append(line)
        return "".join(found)

    @property
    def paths(self) -> ClusterPaths:
        """Where its files are."""
        return ClusterPaths.of(self.data_dir)

    @property
    def state(self) -> ClusterState:
        """What it wrote down of itself."""
        state = ClusterState.load(self.paths.state)
        assert state is not None
        return state


def glyphserve(
    *arguments: str,
    data_dir: Path,
    config: Path = CONFIG,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start the command with a data folder of its own; stdout and stderr are one pipe."""
    return subprocess.Popen(
        [sys.executable, "-m", "deployments.cli.main", *arguments, f"--config={config}"],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUNBUFFERED": "1",
            "GLYPHSERVE_DATA_DIR": str(data_dir),
            **(environment or {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run_glyphserve(
    *arguments: str,
    data_dir: Path,
    config: Path = CONFIG,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run the command to its end; its exit code and what it said."""
    process = glyphserve(*arguments, data_dir=data_dir, config=config, environment=environment)
    said, _ = process.communicate(timeout=READY_S)
    return process.returncode, said


def wait_ready(process: subprocess.Popen[str], data_dir: Path) -> RunningCluster:
    """Wait for the line that says the service is ready; fail with all that was said otherwise."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    said = []
    while (line := lines.get(timeout=READY_S)) is not None:
        said.append(line)
        if " reads at " in line:
            break
    else:
        raise AssertionError(f"`glyphserve up` did not get ready: {''.join(said)}")
    state = ClusterState.load(ClusterPaths.of(data_dir).state)
    assert state is not None
    return RunningCluster(
        base_url=state.url,
        data_dir=data_dir,
        run_id=state.run_id,
        ready_line=line.strip(),
        process=process,
        lines=lines,
    )


def _read(process: subprocess.Popen[str], lines: "queue.SimpleQueue[str | None]") -> None:
    assert process.stdout is not None
    with process.stdout as stdout:
        for line in stdout:
            lines.put(line)
    lines.put(None)


def assert_nothing_left(data_dir: Path, port: int) -> None:
    """No process of the cluster, no state, no listener on its port."""
    paths = ClusterPaths.of(data_dir)
    assert cluster_processes(paths, ClusterState.load(paths.state)) == []
    assert not paths.state.exists()
    assert is_free("127.0.0.1", port)


@contextmanager
def running_cluster(
    *,
    data_dir: Path,
    config: Path = CONFIG,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[RunningCluster]:
    """A cluster for as long as the block runs; its end must leave nothing behind."""
    port = port or free_port()
    process = glyphserve("up", f"--port={port}", data_dir=data_dir, config=config, environment=environment)
    try:
        yield wait_ready(process, data_dir)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=STOP_S) == 0
        assert_nothing_left(data_dir, port)
        shutil.rmtree(ClusterPaths.of(data_dir).temp_dir)  # kept if anything failed: Ray's logs are there
    finally:
        process.terminate()
        process.wait(timeout=60)
        stop_cluster(ClusterPaths.of(data_dir))
