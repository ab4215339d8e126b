import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments.cli.main import app
from tests.support.cluster import CONFIG


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["doctor", *arguments])
    return result.exit_code, result.stdout


def test_a_problem_is_told_with_its_remedy_and_exit_code_6(tmp_path: Path) -> None:
    code, said = run(f"--config={tmp_path}/none.yaml", "--json")
    assert code == 6
    told = json.loads(said)
    assert told["problems"] == 1
    [check] = [check for check in told["checks"] if check["findings"]]
    assert check["check"] == "cluster file"
    assert {"severity", "found", "remedy"} == set(check["findings"][0])
    code, said = run(f"--config={tmp_path}/none.yaml")
    assert code == 6
    assert "problems: 1," in said


def test_nothing_wrong_exits_with_0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> None:
    monkeypatch.setenv("GLYPHSERVE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GLYPHSERVE_PORT", str(unused_tcp_port))
    code, said = run(f"--config={CONFIG}")
    assert code == 0, said
    assert "problems: 0," in said
