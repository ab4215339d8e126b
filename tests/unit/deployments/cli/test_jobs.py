import json

import httpx
import pytest
from typer.testing import CliRunner, Result

from deployments.cli.main import app
from deployments.records import Database, RetrainState
from tests.support.http_service import RunningService
from tests.support.images import png_base64
from tests.support.scripted_retrainer import begin_first_job, end_job, scripted

RUNNER = CliRunner()


def jobs(service: RunningService, *arguments: str) -> Result:
    return RUNNER.invoke(app, ["jobs", *arguments, "--url", service.url])


@pytest.fixture
def ids(service: RunningService) -> list[str]:
    """Three jobs in the queue."""
    body = {"corrections": False, "list_images_base64": [png_base64()], "list_label": ["42"]}
    with httpx.Client(base_url=service.url) as client:
        return [client.post("/v1/retrains", json=body).json()["id"] for _ in range(3)]


def test_jobs_are_listed_with_their_place_in_the_queue(
    service: RunningService, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    result = jobs(service)
    assert result.exit_code == 0, result.stderr
    assert [id_ for line in result.stdout.splitlines() for id_ in ids if id_ in line] == ids[::-1]
    assert "queued, 2 ahead" in result.stdout
    monkeypatch.setenv("COLUMNS", "80")
    assert all(id_ in jobs(service).stdout for id_ in ids)
    assert [job["id"] for job in json.loads(jobs(service, "--json", "--limit=2").stdout)["items"]] == ids[:0:-1]


def test_a_job_is_watched(service: RunningService, database: Database, ids: list[str]) -> None:
    with scripted(database, RetrainState.REJECTED, reason="not better"):
        result = jobs(service, "watch", ids[0])
    assert result.exit_code == 3
    assert result.stdout.startswith("rejected: not better\n")


def test_a_job_that_has_ended_is_told_at_once(service: RunningService, database: Database, ids: list[str]) -> None:
    end_job(database, begin_first_job(database), RetrainState.FAILED, reason="out of memory")
    result = jobs(service, "watch", ids[0], "--json")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "out of memory")


def test_a_job_is_cancelled_once(service: RunningService, ids: list[str]) -> None:
    assert jobs(service, "cancel", ids[1]).stdout == f"job {ids[1]} is cancelled\n"
    again = jobs(service, "cancel", ids[1])
    assert (again.exit_code, again.stderr) == (
        2,
        "error: job cannot be cancelled: the job is past that: cancelled\n",
    )
    assert json.loads(jobs(service, "cancel", ids[2], "--json").stdout)["state"] == "cancelled"


@pytest.mark.parametrize("command", ["watch", "cancel"])
def test_an_unknown_job_is_one_line(service: RunningService, command: str) -> None:
    result = jobs(service, command, "nope")
    assert (result.exit_code, result.stderr) == (2, "error: not found: no retrain job has this id\n")
