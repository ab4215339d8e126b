import json
import os
import socket
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments.cli.errors import reports_errors
from deployments.cli.main import app
from deployments.cluster.lock import exclusive
from deployments.cluster.paths import ClusterPaths

RUNNER = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "cluster.yaml"
    application = {"name": "glyphserve", "import_path": "x:y", "args": {"data_dir": str(tmp_path / "data")}}
    path.write_text(json.dumps({"applications": [application]}), encoding="utf-8")
    return path


def run(*arguments: str) -> tuple[int, str]:
    result = RUNNER.invoke(app, arguments)
    return result.exit_code, result.output


def test_version_is_that_of_the_package() -> None:
    assert run("--version") == (0, f"glyphserve {version('glyphserve')}\n")


def test_nothing_running(config: Path) -> None:
    assert run("status", f"--config={config}") == (3, "not running\n")
    assert run("down", f"--config={config}") == (0, "nothing is running\n")
    assert run("down", "--json", f"--config={config}") == (0, '{"result": "nothing is running"}\n')
    code, said = run("status", "--json", f"--config={config}")
    assert (code, json.loads(said)["condition"]) == (3, "not running")


@pytest.mark.parametrize("command", ["up", "status", "down"])
def test_a_missing_config_is_one_line_and_exit_code_1(command: str, tmp_path: Path) -> None:
    code, said = run(command, f"--config={tmp_path}/none.yaml")
    assert (code, said) == (1, f"error: {tmp_path}/none.yaml: No such file or directory; name the file with --config\n")


def test_a_second_up_names_the_first(config: Path, tmp_path: Path) -> None:
    paths = ClusterPaths.of(tmp_path / "data")
    paths.prepare()
    with exclusive(paths.lock):
        code, said = run("up", f"--config={config}", "--port=65000")
    assert code == 2
    assert said.startswith(f"error: already running from this data folder as process {os.getpid()}:")


def test_a_taken_port_is_one_line_and_exit_code_2(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = run("up", f"--config={config}", f"--port={port}")
    assert code == 2
    assert said.startswith(f"error: port {port} is taken by process {os.getpid()} (")
    assert said.count("\n") == 1


def test_an_address_of_no_interface_is_one_line(config: Path) -> None:
    code, said = run("up", f"--config={config}", "--host=192.0.2.77", "--port=65000")
    assert (code, said) == (2, "error: cannot listen at 192.0.2.77 port 65000: Cannot assign requested address\n")


def test_a_port_out_of_range_is_a_usage_error(config: Path) -> None:
    code, said = run("up", f"--config={config}", "--port=0")
    assert code == 2
    assert "greater than or equal to 1" in said


def test_a_defect_is_one_line_without_and_a_traceback_with_debug() -> None:
    @reports_errors
    def broken() -> None:
        raise ZeroDivisionError("division by zero")

    with pytest.raises(Exception, match="2") as caught:
        broken()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_debug_lets_the_exception_through(config: Path, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["--debug", "up", f"--config={tmp_path}/none.yaml"])
    assert type(result.exception).__name__ == "ConfigError"
