"""Corrections, the queue and its events through the real proxy; commands that find the service by its folder."""

import base64
import csv
import io
import json

import httpx
import pytest
from httpx_sse import connect_sse
from typer.testing import CliRunner

from deployments.cli.main import app
from tests.support.captcha_server import draw_captcha
from tests.support.cluster import RunningCluster

LABEL = "corrected é"


@pytest.fixture(scope="module")
def recognition(service: RunningCluster) -> str:
    """An image that was read and corrected."""
    with httpx.Client(base_url=service.base_url) as client:
        image = base64.b64encode(draw_captcha(5)).decode()
        read = client.post("/captcha_recap_image", json={"image_base64": image}).json()
        id_: str = read["content"]["list_id"][0]
        client.put(f"/v1/recognitions/{id_}/label", json={"label": LABEL}).raise_for_status()
    return id_


def run(service: RunningCluster, *arguments: str) -> tuple[int, str]:
    result = CliRunner(env={"GLYPHSERVE_DATA_DIR": str(service.data_dir)}).invoke(app, arguments)
    return result.exit_code, result.stdout


@pytest.mark.usefixtures("recognition")
def test_events_pass_the_proxy_as_they_come(service: RunningCluster) -> None:
    with httpx.Client(base_url=service.base_url, timeout=20) as client:
        # The job waits: this service does not train.
        job = client.post("/v1/retrains").raise_for_status().headers["Location"]
        with connect_sse(client, "GET", f"{job}/events") as source:
            events = source.iter_sse()
            # What there is comes although the job goes on: nothing on the way holds it back.
            first = next(events)
            assert (first.id, first.event, first.json()["state"]) == ("1", "state", "queued")
            client.delete(job).raise_for_status()
            second = next(events)
            assert (second.id, second.event, second.json()["state"]) == ("2", "state", "cancelled")
            assert next(events, None) is None
        assert client.get(f"{job}/events", headers={"Last-Event-ID": "2"}).status_code == 204


def test_the_commands_find_the_service_and_its_corrections(service: RunningCluster, recognition: str) -> None:
    code, table = run(service, "label", "export")
    assert code == 0
    labels = {row["id"]: row["label"] for row in csv.DictReader(io.StringIO(table))}
    assert labels[recognition] == LABEL

    code, said = run(service, "retrain", "--corrections", "--debug", "--no-follow", "--json")
    assert code == 0
    job = json.loads(said)
    assert (job["state"], job["debug"], job["examples"]) == ("queued", True, len(labels))
    assert run(service, "jobs", "cancel", job["id"]) == (0, f"job {job['id']} is cancelled\n")
    assert run(service, "jobs", "watch", job["id"]) == (4, "cancelled: on request\n")


def test_the_shipped_version_serves_and_can_be_activated_again(service: RunningCluster) -> None:
    code, said = run(service, "models", "--json")
    assert code == 0
    [serving] = [model for model in json.loads(said)["items"] if model["serving"]]
    code, said = run(service, "models", "activate", serving["version"], "--json")
    assert (code, json.loads(said)["generation"]) == (0, serving["generation"] + 1)
    history = httpx.get(f"{service.base_url}/v1/models").json()["serving"]
    assert [(one["version"], one["reason"]) for one in history[:1]] == [(serving["version"], "activated on request")]
