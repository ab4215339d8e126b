import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments.cli import load
from deployments.cli.main import app
from tests.support.http_service import RunningService
from tests.support.images import png
from tests.unit.deployments.cli.conftest import ServeOver

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def no_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "WARM_UP_S", 0.0)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.png").write_bytes(png("a"))
    (folder / "b.png").write_bytes(png("b"))
    return folder


@pytest.mark.slow
def test_a_service_is_measured(service: RunningService, images: Path) -> None:
    command = ["bench", str(images), "--url", service.url, "--seconds", "1"]
    result = RUNNER.invoke(app, [*command, "--connections", "1", "--connections", "3", "--json"])
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["model_version"] == "fake-1"
    assert [run["connections"] for run in told["runs"]] == [1, 3]
    for run in told["runs"]:
        assert run["requests"] > 1
        assert 0 < run["p50_ms"] <= run["p90_ms"] <= run["p99_ms"]
        assert (run["refused"], run["failed"]) == (0, {})
    shown = RUNNER.invoke(app, [*command, "--connections", "2"])
    assert "requests/s" in shown.stdout


@pytest.mark.slow
def test_what_is_refused_is_counted_apart(serve_http: ServeOver, images: Path) -> None:
    with serve_http(doors={"requests_per_s": 1, "burst_requests": 1}) as service:
        command = ["bench", str(images), "--url", service.url, "--seconds", "0.3", "--connections", "2", "--json"]
        [run] = json.loads(RUNNER.invoke(app, command).stdout)["runs"]
    assert run["refused"] > 0
    assert run["failed"] == {}


def test_without_images_or_a_service_it_says_so_in_a_line(tmp_path: Path, images: Path) -> None:
    nothing = RUNNER.invoke(app, ["bench", str(tmp_path / "none")])
    assert (nothing.exit_code, nothing.stderr) == (2, f"error: no image is there to send: {tmp_path / 'none'}\n")
    away = RUNNER.invoke(app, ["bench", str(images), "--url", "http://127.0.0.1:9"])
    assert away.exit_code == 2
    assert "start it with `glyphserve up`" in away.stderr
