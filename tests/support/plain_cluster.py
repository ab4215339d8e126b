"""A Ray cluster as anybody may have it: `ray start --head`, with Serve's own proxy and none of our tuning."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import yaml

from deployments.cluster.ports import choose_ports
from deployments.cluster.processes import MARKER, end_processes, find_processes
from tests.support.cluster import CONFIG

START_S = 120


@dataclass(frozen=True, kw_only=True)
class PlainCluster:
    """A running head node, which others may join.

    Attributes:
        dashboard_url: Ray's own API.
        gcs_address: what other nodes join.
        environment: of all its processes.
    """

    dashboard_url: str
    gcs_address: str
    environment: Mapping[str, str]

    def serve(self, *arguments: str) -> str:
        """Run Ray's `serve` command against it; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "ray.serve.scripts", *arguments, "--address", self.dashboard_url],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=START_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def replicas(self, deployment: str) -> list[dict[str, Any]]:
        """Serve's own account of a deployment's replicas."""
        found = httpx.get(f"{self.dashboard_url}/api/serve/applications/").raise_for_status().json()
        (application,) = found["applications"].values()
        replicas: list[dict[str, Any]] = application["deployments"][deployment]["replicas"]
        return replicas

    def reserved_by(self, deployment: str) -> list[dict[str, float]]:
        """What each living replica of a deployment has reserved of the cluster, by Ray's own account."""
        found = httpx.get(f"{self.dashboard_url}/api/v0/actors", params={"detail": 1}).raise_for_status().json()
        actors = found["data"]["result"]["result"]
        return [
            actor["required_resources"]
            for actor in actors
            if actor["state"] == "ALIVE" and f":{deployment}" in actor["class_name"]
        ]

    def gcs(self) -> psutil.Process:
        """The process that knows of all nodes and actors."""
        port = self.gcs_address.rpartition(":")[2]
        (found,) = (
            process
            for process in psutil.process_iter(["name", "cmdline"])
            if process.info["name"] == "gcs_server" and f"--gcs_server_port={port}" in process.info["cmdline"]
        )
        return found

    def joined_by(self, *, cpus: int, gpus: int = 0) -> AbstractContextManager[None]:
        """Run one more node, as `ray start --address` on another machine would, for as long as the block runs."""
        return _node({"address": self.gcs_address, "num-cpus": cpus, "num-gpus": gpus}, self.environment)


def write_config(
    folder: Path, port: int, change: Callable[[dict[str, dict[str, Any]]], None], **arguments: object
) -> Path:
    """Our cluster.yaml on another port and with these settings; ``change`` is given the deployments by name."""
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    config["http_options"]["port"] = port
    (application,) = config["applications"]
    application["args"].update(port=port, data_dir=str(folder / "data"), **arguments)
    change({deployment["name"]: deployment for deployment in application["deployments"]})
    path = folder / "cluster.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


@contextmanager
def plain_cluster(*, cpus: int = 2, gpus: int = 0, redis: str | None = None) -> Iterator[PlainCluster]:
    """The head node for as long as the block runs. `ray stop` would stop everybody's, so we end ours by pid.

    Args:
        cpus: of the head node.
        gpus: likewise; nobody looks for them.
        redis: host:port of a Redis in which the head keeps its state.
    """
    ports = choose_ports()
    inherited = {name: v for name, v in os.environ.items() if not name.startswith(("RAY_", "GLYPHSERVE_"))}
    environment = {
        **inherited,
        "RAY_AUTH_MODE": "disabled",
        "RAY_USAGE_STATS_ENABLED": "0",
        "DASHBOARD_METRIC_PORT": str(ports.dashboard_metrics),
        **({"RAY_REDIS_ADDRESS": redis} if redis else {}),
    }
    options = {
        "port": ports.gcs,
        "dashboard-port": ports.dashboard,
        "ray-client-server-port": ports.fallback_proxy,
        "num-cpus": cpus,
        "num-gpus": gpus,
    }
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    try:
        with _node({"head": None, **options, "temp-dir": folder}, environment):
            yield PlainCluster(
                dashboard_url=f"http://127.0.0.1:{ports.dashboard}",
                gcs_address=f"127.0.0.1:{ports.gcs}",
                environment=environment,
            )
    finally:
        shutil.rmtree(folder)


@contextmanager
def _node(options: Mapping[str, object], environment: Mapping[str, str]) -> Iterator[None]:
    """A `ray start` with these options (None: a switch), and all its processes, for as long as the block runs."""
    run_id = f"plain-{uuid4().hex}"
    free = {"dashboard-agent-listen-port": 0, "min-worker-port": 0, "max-worker-port": 0, "object-store-memory": 10**8}
    words = [f"--{name}" if value is None else f"--{name}={value}" for name, value in {**free, **options}.items()]
    starter = subprocess.Popen(
        [sys.executable, "-m", "ray.scripts.scripts", "start", *words],
        env={**environment, MARKER: run_id},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    session = (starter.pid, psutil.Process(starter.pid).create_time())
    try:
        # Its daemons inherit the pipe, so that it never ends: wait for the process, read after.
        assert starter.wait(START_S) == 0, starter.stdout and starter.stdout.read()
        yield
    finally:
        end_processes(lambda: find_processes(marker_prefix=run_id, session=session), grace_s=1)
        starter.communicate()
