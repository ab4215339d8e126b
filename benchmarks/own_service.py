"""A service of a benchmark's own: started as a user starts it, killed as nothing should be."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from deployments.cluster.cleanup import cluster_processes
from deployments.cluster.lock import holder
from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import LOOPBACK, is_free
from deployments.cluster.report import role_of
from deployments.cluster.state import ClusterState

REPOSITORY = Path(__file__).parents[1]
_COMMAND_S = 180
_KILL_S = 10.0


class OwnService:
    """`glyphserve up --detach` on a data folder and a free loopback port.

    Args:
        data_dir: the data folder, which outlives the service.
        config: the Serve config.
        environment: settings over those of the config.
    """

    def __init__(
        self, data_dir: Path, *, config: Path = REPOSITORY / "cluster.yaml", environment: Mapping[str, str]
    ) -> None:
        self._config = config
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.paths = ClusterPaths.of(data_dir)
        self._environment = {**os.environ, "GLYPHSERVE_DATA_DIR": str(data_dir), **environment}

    def start(self) -> None:
        """Start it and wait until it is ready; what a killed one left behind is ended first."""
        self._run("up", "--detach", f"--port={self.port}")

    def stop(self) -> None:
        """End it."""
        self._run("down")

    def processes(self) -> list[psutil.Process]:
        """All of its processes but the one that watches."""
        return cluster_processes(self.paths, ClusterState.load(self.paths.state))

    def processes_by_role(self) -> dict[str, list[psutil.Process]]:
        """The same by what they are for, as `glyphserve status` names it."""
        found: dict[str, list[psutil.Process]] = {}
        for process in self.processes():
            try:
                found.setdefault(role_of(process), []).append(process)
            except psutil.Error:
                continue
        return found

    def kill_all(self) -> int:
        """SIGKILL to every process, the watching one first; how many there were."""
        watcher = holder(self.paths.lock)
        if watcher is not None:
            os.kill(watcher, signal.SIGKILL)
        killed = 0
        deadline = time.monotonic() + _KILL_S
        while left := self.processes():
            for process in left:
                # One may have followed another that was killed just now.
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            killed = max(killed, len(left))
            if time.monotonic() > deadline:
                raise TimeoutError("processes outlive SIGKILL")
        return killed

    def _run(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "deployments.cli.main", *arguments, f"--config={self._config}"]
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_COMMAND_S,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"glyphserve {arguments[0]}: {done.stdout.strip()}")


def free_port() -> int:
    """A TCP port of the loopback address on which nothing listens, nor will by chance."""
    return next(port for port in random.sample(range(10_000, 20_000), 1000) if is_free(LOOPBACK, port))


@contextmanager
def own_service(data_dir: Path, *, environment: Mapping[str, str], **options: Path) -> Iterator[OwnService]:
    """A running service for as long as the block runs."""
    service = OwnService(data_dir, environment=environment, **options)
    try:
        service.start()
        yield service
    finally:
        service.stop()
