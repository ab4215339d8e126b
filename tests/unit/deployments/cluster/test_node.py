import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from ray.scripts.scripts import start as ray_start

from deployments.cluster.node import NodeStart, last_line, start_command
from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import choose_ports
from deployments.errors import LifecycleError

FOREVER = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
FAILS = [sys.executable, "-S", "-c", r"raise SystemExit('Traceback ...\nValueError: port 1 is taken\n\n')"]


@pytest.fixture
def paths(tmp_path: Path) -> ClusterPaths:
    paths = ClusterPaths(data_dir=tmp_path / "data", temp_dir=tmp_path / "t")
    paths.prepare()
    return paths


@pytest.fixture
def endless(paths: ClusterPaths) -> Iterator[NodeStart]:
    node = NodeStart(FOREVER, environment={}, paths=paths)
    yield node
    node._process.kill()
    node._process.wait()


def test_ray_start_knows_every_option_that_is_given(paths: ClusterPaths) -> None:
    ports = choose_ports()
    command = start_command(ports=ports, paths=paths, cpus=3)
    arguments = command[command.index("start") + 1 :]
    assert {f"--port={ports.gcs}", f"--dashboard-port={ports.dashboard}", "--num-cpus=3"} <= set(arguments)
    with ray_start.make_context("start", arguments) as context:
        assert context.params["node_ip_address"] == "127.0.0.1"


def test_it_is_usable_once_the_raylet_listens(paths: ClusterPaths, endless: NodeStart) -> None:
    assert not endless.usable()
    socket = paths.temp_dir / "session_latest" / "sockets" / "raylet"
    socket.parent.mkdir(parents=True)
    socket.touch()
    assert endless.usable()


def test_it_opens_a_session_of_its_own(endless: NodeStart) -> None:
    leader = psutil.Process(endless.session_id)
    assert leader.create_time() == endless.opened_s
    assert os.getsid(leader.pid) == leader.pid


def test_a_failed_start_is_told_in_its_last_line(paths: ClusterPaths) -> None:
    node = NodeStart(FAILS, environment={}, paths=paths)
    node._process.wait()
    with pytest.raises(LifecycleError, match="the Ray node did not start: ValueError: port 1 is taken"):
        node.usable()


def test_a_start_that_takes_for_ever_is_given_up(endless: NodeStart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: float("inf"))
    with pytest.raises(LifecycleError, match="did not start within 90 s"):
        endless.usable()


def test_an_empty_log_has_no_last_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n \n", encoding="utf-8")
    assert last_line(tmp_path / "log") == "no output"
