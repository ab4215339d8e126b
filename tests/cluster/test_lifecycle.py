"""`glyphserve up`, `status` and `down` with a real Ray node and a toy application."""

import json
import os
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from benchmarks.own_service import free_port
from deployments.cluster.cleanup import cluster_processes
from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import holder_of
from deployments.cluster.state import ClusterState
from deployments.cluster.stop import stop_cluster
from tests.support.cluster import (
    STOP_S,
    assert_nothing_left,
    glyphserve,
    run_glyphserve,
    running_cluster,
    wait_ready,
)
from tests.support.toy_cluster import write_toy_config
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

PARTS = {"gcs_server", "raylet", "haproxy", "glyphserve up", "replica: Reader"}
"""What a running service consists of, among other things."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data folder; what a failed test leaves running there is ended."""
    yield tmp_path / "data"
    paths = ClusterPaths.of(tmp_path / "data")
    stop_cluster(paths)
    shutil.rmtree(paths.temp_dir, ignore_errors=True)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_toy_config(tmp_path)


def test_up_until_ctrl_c(data_dir: Path, config: Path) -> None:
    port = free_port()
    with running_cluster(data_dir=data_dir, config=config, port=port) as cluster:
        url = f"http://127.0.0.1:{port}"
        assert cluster.ready_line == f"glyphserve 0.1.0 reads at {url}, documented at {url}/docs"
        assert httpx.get(f"{url}/healthz/ready").json()["model_version"] == "7"

        assert stat.S_IMODE(cluster.paths.token.stat().st_mode) == 0o600
        assert httpx.get(f"{cluster.state.dashboard_url}/api/serve/applications/").status_code == 401

        # The replicas' own gRPC ports are the exception: Ray binds them to all interfaces and asks for the token.
        assert _ports_open_to_others(cluster.state) <= _replica_grpc_ports(cluster.state)

        code, said = run_glyphserve("status", "--json", data_dir=data_dir, config=config)
        report = json.loads(said)
        assert (code, report["condition"], report["url"]) == (0, "ready", url)
        assert {d["name"]: d["replicas"] for d in report["deployments"]} == {
            "Reader": {"RUNNING": 1},
            "Front": {"RUNNING": 1},
        }
        # Serve may be replacing HAProxy just then, and the new one is not HAProxy yet.
        wait_for(lambda: _processes(data_dir, config) >= PARTS, timeout_s=30)
        assert report["readiness"]["model_version"] == "7"

        code, said = run_glyphserve("up", f"--port={free_port()}", data_dir=data_dir, config=config)
        assert code == 2
        assert f"as process {cluster.process.pid}:" in said
        assert httpx.get(f"{url}/healthz/ready").status_code == 200

    assert run_glyphserve("status", data_dir=data_dir, config=config) == (3, "not running\n")
    assert run_glyphserve("down", data_dir=data_dir, config=config) == (0, "nothing is running\n")


def _paths(state: ClusterState) -> ClusterPaths:
    return ClusterPaths.of(state.token_path.parent)


def _ports_open_to_others(state: ClusterState) -> set[int]:
    ours = {p.pid for p in cluster_processes(_paths(state), state)}
    return {
        c.laddr.port
        for c in psutil.net_connections("tcp")
        if c.pid in ours and c.status == psutil.CONN_LISTEN and c.laddr and "127.0.0.1" not in c.laddr.ip
    }


def _replica_grpc_ports(state: ClusterState) -> set[int]:
    replicas = [p for p in cluster_processes(_paths(state), state) if p.cmdline()[0].startswith("ray::ServeReplica")]
    return {c.laddr.port for p in replicas for c in p.net_connections("tcp") if c.laddr.ip == "::"}


def _processes(data_dir: Path, config: Path) -> set[str]:
    """Names of the processes that `status` shows."""
    _, said = run_glyphserve("status", "--json", data_dir=data_dir, config=config)
    return {process["name"] for process in json.loads(said)["processes"]}


def test_kill_of_the_whole_group_and_a_second_start(data_dir: Path, config: Path) -> None:
    port = free_port()
    first = wait_ready(glyphserve("up", f"--port={port}", data_dir=data_dir, config=config), data_dir)
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()
    assert httpx.get(f"{first.base_url}/healthz/ready").status_code == 200
    # Serve may be replacing HAProxy by a new one just then, which takes over the socket.
    wait_for(lambda: str(holder_of(port)).endswith("(haproxy)"), timeout_s=10)
    orphans = cluster_processes(first.paths, first.state)

    second = wait_ready(glyphserve("up", f"--port={port}", data_dir=data_dir, config=config), data_dir)
    assert second.run_id != first.run_id
    assert not [p for p in orphans if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]

    raylet = next(p for p in cluster_processes(second.paths, second.state) if p.name() == "raylet")
    raylet.kill()
    assert second.process.wait(timeout=STOP_S) == 2
    assert f"error: raylet (process {raylet.pid}) died, so the cluster was stopped" in second.said()
    assert_nothing_left(data_dir, port)


def test_detached_until_down(data_dir: Path, config: Path) -> None:
    port = free_port()
    code, said = run_glyphserve("up", "--detach", f"--port={port}", data_dir=data_dir, config=config)
    try:
        assert (code, said.count("\n")) == (0, 1), said
        assert httpx.get(f"http://127.0.0.1:{port}/healthz/ready").status_code == 200
    finally:
        code, said = run_glyphserve("down", data_dir=data_dir, config=config)
    assert (code, said) == (0, "stopped\n")
    assert_nothing_left(data_dir, port)


def test_a_deployment_that_fails_is_one_line_and_leaves_nothing(tmp_path: Path, data_dir: Path) -> None:
    config = write_toy_config(tmp_path, fail=True)
    port = free_port()
    code, said = run_glyphserve("up", f"--port={port}", data_dir=data_dir, config=config)
    assert (code, said) == (2, "error: the service did not start: RuntimeError: the weights are missing\n")
    assert_nothing_left(data_dir, port)


def test_somebody_else_on_the_port_is_named_and_left_alone(data_dir: Path, config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = run_glyphserve("up", f"--port={port}", data_dir=data_dir, config=config)
        assert code == 2
        assert f"port {port} is taken by process {os.getpid()} (" in said
        with socket.create_connection(("127.0.0.1", port)):
            pass


def test_a_misspelt_key_is_refused(data_dir: Path, config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8").replace("route_prefix", "route_prefux"), encoding="utf-8")
    code, said = run_glyphserve("up", f"--port={free_port()}", data_dir=data_dir, config=config)
    assert (code, said) == (1, "error: unknown key applications[0].route_prefux; did you mean route_prefix?\n")
    assert not (data_dir / "cluster.json").exists()
