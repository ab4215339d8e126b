"""A second Ray node on the same machine, joined to a service's cluster: a machine that can be lost."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psutil

from benchmarks.own_service import REPOSITORY
from deployments.cluster.processes import MARKER, end_processes, find_processes
from deployments.cluster.report import role_of
from deployments.cluster.state import ClusterState

_START_S = 120.0
_END_S = 30.0
_STORE_BYTES = 10**8


class SecondNode:
    """`ray start --address`, as another machine would, for as long as the block runs.

    Args:
        state: of the cluster that it joins.
        cpus: that it has to offer.
        log: where its start tells what it has to say.
    """

    def __init__(self, state: ClusterState, *, cpus: float, log: Path) -> None:
        options = {
            "address": f"127.0.0.1:{state.ports.gcs}",
            "node-ip-address": "127.0.0.1",
            "num-cpus": cpus,
            "object-store-memory": _STORE_BYTES,
            "dashboard-agent-listen-port": 0,
            "metrics-export-port": 0,
            "min-worker-port": 0,
            "max-worker-port": 0,
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        self._command = [sys.executable, "-m", "ray.scripts.scripts", "start", *words]
        self._environment = _environment_of(state)
        self._log = log
        self._run_id = ""
        self._session: tuple[int, float] | None = None
        self._starter: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        if self._starter is None or self._starter.wait(_START_S) != 0:
            raise RuntimeError(f"the second node did not start: {self._log.read_text(encoding='utf-8')}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def start(self) -> None:
        """End what is left of the node and start it; returns before it has joined."""
        self._end()
        self._run_id = f"second-{uuid4().hex}"
        with self._log.open("wb") as log:
            self._starter = subprocess.Popen(
                self._command,
                env={**self._environment, MARKER: self._run_id},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._session = (self._starter.pid, psutil.Process(self._starter.pid).create_time())

    def processes(self) -> list[psutil.Process]:
        """All of its processes."""
        return find_processes(marker_prefix=self._run_id, session=self._session) if self._session else []

    def raylet(self) -> psutil.Process | None:
        """The one process that makes it a node; None if it has none just now."""
        for process in self.processes():
            try:
                if process.name() == "raylet":
                    return process
            except psutil.Error:
                continue
        return None

    def replicas(self, role: str) -> list[psutil.Process]:
        """Its processes of a role, as `glyphserve status` names it."""
        return [process for process in self.processes() if _role(process) == role]

    def _end(self) -> None:
        end_processes(self.processes, grace_s=0, limit_s=_END_S)
        if self._starter is not None:
            self._starter.wait()


def _role(process: psutil.Process) -> str:
    try:
        return role_of(process)
    except psutil.Error:
        return ""


def _environment_of(state: ClusterState) -> Mapping[str, str]:
    """What the head's processes were started with, but for the hook of its `ray start`."""
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "gcs_server" and process.environ().get(MARKER) == state.run_id:
            environment = process.environ()
            path = os.pathsep.join(filter(None, (str(REPOSITORY), environment.get("PYTHONPATH"))))
            return {**environment, "PYTHONPATH": path, "RAY_START_HOOK": "benchmarks.join_hook.join_on_loopback"}
    raise RuntimeError("the cluster has no GCS")
