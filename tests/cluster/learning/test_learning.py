"""The whole loop over HTTP: post, train under Ray Train, judge, roll out, read again; and what may go wrong."""

import base64
import io
import itertools
import os
import signal
import time
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw

from benchmarks.rollout_stage import drivers
from benchmarks.traffic import Traffic
from tests.support.cluster import RunningCluster
from tests.support.metrics_page import total
from tests.support.rollout import BODIES, replicas
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

ENDED = {"promoted", "rejected", "failed", "cancelled"}
JOB_S = 240.0


def drawn(text: str) -> bytes:
    """Digits of an alphabet of our own: filled shapes that mean nothing to a reader of letters."""
    image = Image.new("RGB", (8 + 24 * len(text), 32), "white")
    pen = ImageDraw.Draw(image)
    for place, digit in enumerate(text):
        x, y, r = 16 + 24 * place, 16, 9
        corners = {
            "2": [(x - r, y + r), (x, y - r), (x + r, y + r)],
            "3": [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
            "5": [(x - r, y), (x, y - r), (x + r, y), (x, y + r)],
            "7": [(x - r, y - r), (x + r, y - r), (x, y + r)],
        }
        pen.polygon(corners[digit], fill="black")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def texts(count: int, *, start: int = 0) -> list[str]:
    """Distinct texts of four shapes: few, so few steps teach them."""
    every = ["".join(digits) for digits in itertools.product("2357", repeat=4)]
    return [every[(start + n) * 149 % len(every)] for n in range(count)]


def order(cluster: RunningCluster, labels: list[str], *, debug: bool = False) -> str:
    """Post them as examples; the path of the retrain."""
    images = [base64.b64encode(drawn(label)).decode() for label in labels]
    body = {"list_images_base64": images, "list_label": labels, "debug": debug}
    answer = httpx.post(f"{cluster.base_url}/captcha_retrain_model", json=body, timeout=60)
    assert answer.json() == {"message": "", "error": ""}
    return answer.headers["Location"]


def job_at(cluster: RunningCluster, path: str) -> dict[str, Any]:
    return dict(httpx.get(f"{cluster.base_url}{path}", timeout=30).json())


def ended(cluster: RunningCluster, path: str) -> dict[str, Any]:
    wait_for(lambda: job_at(cluster, path)["state"] in ENDED, timeout_s=JOB_S)
    return job_at(cluster, path)


def read(cluster: RunningCluster, labels: list[str]) -> int:
    """How many of them are read exactly."""
    right = 0
    with httpx.Client(base_url=cluster.base_url, timeout=30) as client:
        for label in labels:
            body = {"image_base64": base64.b64encode(drawn(label)).decode()}
            right += client.post("/captcha_recap_image", json=body).json()["content"]["list_label"] == [label]
    return right


def assert_lanes_are_taken(cluster: RunningCluster) -> None:
    """Serve counts at a replica what comes on Serve's own way only, so that must be a small part of all."""
    calls = total(cluster, "ray_glyphserve_batch_images_count", deployment="Recognizer")
    assert calls > 100
    assert total(cluster, "ray_serve_deployment_request_counter_total", deployment="Recognizer") < calls / 10


def test_it_learns_while_it_serves(cluster: RunningCluster) -> None:
    unseen = texts(20, start=200)
    base = httpx.get(f"{cluster.base_url}/healthz/ready").json()["model_version"]
    before = read(cluster, unseen)
    with Traffic(cluster.base_url, 10, BODIES) as traffic:
        path = order(cluster, texts(100))
        job = ended(cluster, path)
    assert job["state"] == "promoted", job
    assert set(traffic.outcomes) == {"200"}, traffic.outcomes
    assert traffic.versions == {base, job["candidate"]}
    assert job["verdict"]["held_out"]["p_value"] < 0.05
    assert job["epochs"]
    assert_lanes_are_taken(cluster)
    after = read(cluster, unseen)
    assert after >= before + 7, (before, after)
    versions = httpx.get(f"{cluster.base_url}/v1/models").json()["items"]
    assert versions[0]["version"] == job["candidate"]
    assert versions[0]["parent"] == base
    assert [v["version"] for v in versions if v["serving"]] == [job["candidate"]]
    back = httpx.post(f"{cluster.base_url}/v1/models/{base}/activate", timeout=60)
    assert back.status_code == 200, back.text
    assert read(cluster, unseen[:5]) <= before


def test_the_retrainer_killed_in_mid_training_changes_nothing_for_the_job(cluster: RunningCluster) -> None:
    path = order(cluster, texts(24), debug=True)
    waiting = order(cluster, texts(24, start=50), debug=True)
    assert job_at(cluster, waiting)["queue_position"] in {0, 1}
    wait_for(lambda: bool(drivers(path)), timeout_s=60)
    (retrainer,) = replicas(cluster, "ServeReplica:glyphserve:Retrainer")
    os.kill(retrainer.pid, signal.SIGKILL)
    job = ended(cluster, path)
    assert job["state"] == "rejected", job
    assert "debug" in job["reason"]
    assert set(job["verdict"]) >= {"held_out", "golden"}

    # The next one has its turn, and is cancelled while it trains.
    wait_for(lambda: bool(drivers(waiting)), timeout_s=60)
    answer = httpx.delete(f"{cluster.base_url}{waiting}", timeout=30)
    assert answer.status_code == 200, answer.text
    wait_for(lambda: not drivers(waiting), timeout_s=30)
    assert job_at(cluster, waiting)["state"] == "cancelled"
    again = httpx.delete(f"{cluster.base_url}{waiting}", timeout=30)
    assert again.status_code == 400


def test_too_few_examples_are_a_verdict(cluster: RunningCluster) -> None:
    began = time.monotonic()
    job = ended(cluster, order(cluster, texts(5)))
    assert job["state"] == "rejected", job
    assert "20" in job["reason"]
    assert time.monotonic() - began < JOB_S
