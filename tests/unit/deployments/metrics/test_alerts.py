"""The alert rules, run by Prometheus's own promtool on made-up series: silent in health, each in its own trouble."""

import shutil
import subprocess
from pathlib import Path

import pytest

MONITORING = Path(__file__).parents[4] / "docs" / "monitoring"
SERIES = Path(__file__).with_name("alerts.test.yaml")


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    return found


def run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_call_when_they_should_and_only_then(promtool: str, tmp_path: Path) -> None:
    series = tmp_path / SERIES.name
    rules = MONITORING / "alerts.yaml"
    series.write_text(SERIES.read_text(encoding="utf-8").replace("RULES", str(rules)), encoding="utf-8")
    run(promtool, "test", "rules", str(series))


def test_the_scrape_configuration_is_valid(promtool: str) -> None:
    run(promtool, "check", "config", str(MONITORING / "prometheus.yaml"))
