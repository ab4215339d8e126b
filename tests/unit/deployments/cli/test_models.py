import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from deployments.cli.main import app
from deployments.errors import RequestError
from deployments.records import Database, ModelRecords, ServingRecords
from deployments.status import Status
from tests.support.http_service import RunningService
from tests.support.scripted_retrainer import VERDICT
from tests.unit.deployments.records.examples import model

RUNNER = CliRunner()
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def two(database: Database) -> None:
    """A shipped model, and one made from it that serves."""
    shipped = model("base-1", created_at=NOW)
    metrics = {"held_out/exact": 99.25, "golden/exact": 61, "run": "[bold]"}
    tuned = replace(
        model("retrain-1", created_at=NOW + timedelta(hours=1)), parent="base-1", metrics=metrics, verdict=VERDICT
    )
    with database.writing() as connection:
        for row in (shipped, tuned):
            assert ModelRecords(connection).insert(row)
            ServingRecords(connection).advance(row.version, reason="so", at=NOW)


def models(service: RunningService, *arguments: str) -> Result:
    return RUNNER.invoke(app, ["models", *arguments, "--url", service.url])


def test_versions_are_listed_with_the_one_that_serves(service: RunningService) -> None:
    result = models(service)
    assert result.exit_code == 0, result.stderr
    newest, oldest = (line for line in result.stdout.splitlines() if "-1 " in line and "2026" in line)
    assert "retrain-1" in newest
    assert "generation 2" in newest
    assert "base-1" in oldest
    assert "generation" not in oldest
    page = json.loads(models(service, "--json").stdout)
    assert [item["version"] for item in page["items"]] == ["retrain-1", "base-1"]
    assert [item["version"] for item in json.loads(models(service, "--json", "--limit=1").stdout)["items"]] == [
        "retrain-1"
    ]


def test_a_version_is_shown_with_lineage_metrics_and_verdict(service: RunningService) -> None:
    said = models(service, "show", "retrain-1").stdout
    assert said.startswith("retrain-1, made 2026-11-24 13:00:00 UTC, serving as generation 2\nfrom base-1\n")
    for part in ("held_out/exact", "99.25", "[bold]", "it reads 40 more", "gained 41"):
        assert part in said, part
    shipped = models(service, "show", "base-1").stdout
    assert shipped.startswith("base-1, made 2026-11-24 12:00:00 UTC\n")
    assert "from" not in shipped
    assert json.loads(models(service, "show", "retrain-1", "--json").stdout)["lineage"] == ["base-1"]


def test_two_versions_are_compared(service: RunningService) -> None:
    said = models(service, "compare", "base-1", "retrain-1").stdout
    [exact] = [line for line in said.splitlines() if "held_out/exact" in line]
    assert [cell.strip() for cell in exact.split("│")[1:-1]] == ["held_out/exact", "98.5", "99.25", "+0.75"]
    [only] = [line for line in said.splitlines() if "golden/exact" in line]
    assert [cell.strip() for cell in only.split("│")[1:-1]] == ["golden/exact", "", "61", ""]
    found = json.loads(models(service, "compare", "base-1", "retrain-1", "--json").stdout)
    assert found["held_out/exact"] == {"base-1": 98.5, "retrain-1": 99.25}


def test_a_version_is_activated(service: RunningService) -> None:
    result = models(service, "activate", "base-1", "--reason", "our 7s")
    assert (result.exit_code, result.stdout) == (0, "base-1 serves on 1 replica in 0.1 s (generation 2)\n")
    assert service.models.asked == [("base-1", "our 7s")]
    assert json.loads(models(service, "activate", "a b?", "--json").stdout)["version"] == "a b?"


@pytest.mark.parametrize("command", [("show",), ("activate",), ("compare", "base-1")])
def test_an_unknown_version_is_one_line(service: RunningService, command: tuple[str, ...]) -> None:
    service.models.script = [RequestError(Status.NOT_FOUND, "no model has this version")]
    result = models(service, *command, "nope")
    assert (result.exit_code, result.stderr) == (2, "error: not found: no model has this version\n")
