import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ray.scripts.scripts import start as ray_start

from deployments.cluster.node import last_line, start_command, wait_started
from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import choose_ports
from deployments.errors import LifecycleError

Start = Callable[[str], subprocess.Popen[bytes]]

FOREVER = "import time; time.sleep(600)"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def run(code: str) -> subprocess.Popen[bytes]:
        with (tmp_path / "log").open("w") as log:
            started.append(subprocess.Popen([sys.executable, "-S", "-c", code], stderr=log))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def test_ray_start_knows_every_option_that_is_given(tmp_path: Path) -> None:
    ports = choose_ports()
    command = start_command(ports=ports, paths=ClusterPaths(data_dir=tmp_path, temp_dir=Path("/t")), cpus=3)
    arguments = command[command.index("start") + 1 :]
    assert [f"--port={ports.gcs}", f"--dashboard-port={ports.dashboard}", "--num-cpus=3", "--temp-dir=/t"] == [
        a for a in arguments if a.startswith(("--port", "--dashboard-port", "--num-cpus", "--temp-dir"))
    ]
    with ray_start.make_context("start", arguments) as context:
        assert context.params["node_ip_address"] == "127.0.0.1"


def test_a_failed_start_is_told_in_its_last_line(tmp_path: Path, start: Start) -> None:
    other = start(FOREVER)
    starter = start("raise SystemExit('Traceback ...\\nValueError: port 1 is taken\\n\\n')")
    with pytest.raises(LifecycleError, match="the Ray node did not start: ValueError: port 1 is taken"):
        wait_started(starter, other=other, log=tmp_path / "log", stop=threading.Event())


def test_a_wait_ends_with_the_deployer_or_at_a_signal(tmp_path: Path, start: Start) -> None:
    stop = threading.Event()
    endless = start(FOREVER)
    wait_started(endless, other=start("pass"), log=tmp_path / "log", stop=stop)
    stop.set()
    wait_started(endless, other=start(FOREVER), log=tmp_path / "log", stop=stop)


def test_an_empty_log_has_no_last_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n \n", encoding="utf-8")
    assert last_line(tmp_path / "log") == "no output"
