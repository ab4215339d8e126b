"""A Ray cluster as anybody may have it: `ray start --head`, with Serve's own proxy and none of our tuning."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil

from deployments.cluster.ports import choose_ports
from deployments.cluster.processes import MARKER, end_processes, find_processes

START_S = 120


@dataclass(frozen=True, kw_only=True)
class PlainCluster:
    """A running node."""

    dashboard_url: str
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


@contextmanager
def plain_cluster() -> Iterator[PlainCluster]:
    """The node for as long as the block runs. `ray stop` would stop everybody's, so we end ours by pid."""
    run_id = f"plain-{uuid4().hex}"
    ports = choose_ports()
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    inherited = {name: v for name, v in os.environ.items() if not name.startswith(("RAY_", "GLYPHSERVE_"))}
    environment = {
        **inherited,
        MARKER: run_id,
        "RAY_AUTH_MODE": "disabled",
        "RAY_USAGE_STATS_ENABLED": "0",
        "DASHBOARD_METRIC_PORT": str(ports.dashboard_metrics),
    }
    options = {
        "port": ports.gcs,
        "dashboard-port": ports.dashboard,
        "dashboard-agent-listen-port": 0,
        "ray-client-server-port": ports.fallback_proxy,
        "min-worker-port": 0,
        "max-worker-port": 0,
        "num-cpus": 2,
        "temp-dir": folder,
    }
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head"]
    starter = subprocess.Popen(
        [*command, *(f"--{name}={value}" for name, value in options.items())],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    session = (starter.pid, psutil.Process(starter.pid).create_time())
    try:
        # Its daemons inherit the pipe, so that it never ends: wait for the process, read after.
        assert starter.wait(START_S) == 0, starter.stdout and starter.stdout.read()
        yield PlainCluster(dashboard_url=f"http://127.0.0.1:{ports.dashboard}", environment=environment)
    finally:
        end_processes(lambda: find_processes(marker_prefix=run_id, session=session), grace_s=1)
        starter.communicate()
        shutil.rmtree(folder)
