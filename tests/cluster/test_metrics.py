"""What Prometheus and a collector of spans find on a real node."""

import base64
from contextlib import suppress

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deployments.metrics.catalogue import CATALOGUE
from deployments.metrics.model_gauges import FEWEST
from tests.support.captcha_server import draw_captcha
from tests.support.cluster import RunningCluster
from tests.support.images import png
from tests.support.metrics_page import metrics_page
from tests.support.waiting import wait_for

REQUEST_ID = "watched-1"
MOST_REPLICAS = 2
"""Of the recognizer, in cluster.yaml."""
EXPORT_S = 60
"""Ray exports every 10 s, and the records are looked at as often."""
OURS = "ray_glyphserve_"


@pytest.fixture(scope="module")
def model_version(service: RunningCluster) -> str:
    """Enough readings, one doubtful, one correction, failure and rollout, so that each metric has something to show."""
    with httpx.Client(base_url=service.base_url, timeout=30) as client:
        image = base64.b64encode(draw_captcha(7)).decode()
        read = client.post("/captcha_recap_image", json={"image_base64": image}, headers={"X-Request-Id": REQUEST_ID})
        # For each of the replicas that tests before this one may have brought about.
        for _ in range(MOST_REPLICAS * FEWEST):
            client.post("/captcha_recap_image", json={"image_base64": image}).raise_for_status()
        doubtful = base64.b64encode(png("1")).decode()
        client.post("/captcha_recap_image", json={"image_base64": doubtful}).raise_for_status()
        assert client.post("/captcha_recap_image", json={"image_base64": ""}).status_code == 400
        id_ = read.json()["content"]["list_id"][0]
        client.put(f"/v1/recognitions/{id_}/label", json={"label": "right"}).raise_for_status()
        version: str = read.headers["X-Model-Version"]
        client.post(f"/v1/models/{version}/activate").raise_for_status()
    return version


def scraped(service: RunningCluster) -> dict[str, list[dict[str, str]]]:
    """Labels of every sample on the page that Prometheus is told of, by name."""
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(metrics_page(service, of=OURS)):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


def test_every_metric_is_exported_under_its_name_with_its_labels(service: RunningCluster, model_version: str) -> None:
    expected = {name for metric in CATALOGUE for name in metric.series}
    found: dict[str, list[dict[str, str]]] = {}

    def everything() -> bool:
        # Gathered over several looks: Ray's agent forgets a gauge that a busy process was late to report.
        found.update(scraped(service))
        return expected <= set(found)

    with suppress(AssertionError):
        wait_for(everything, timeout_s=EXPORT_S)
    assert expected - set(found) == set()
    for metric in CATALOGUE:
        for labels in found[metric.series[0]]:
            assert set(metric.labels) | {"deployment", "replica", "application"} <= set(labels)
    assert model_version in {labels["model_version"] for labels in found["ray_glyphserve_model_info"]}
    assert "empty image" in {labels["outcome"] for labels in found["ray_glyphserve_reads_total"]}


def test_spans_follow_a_request_from_ingress_to_recognizer(service: RunningCluster, model_version: str) -> None:
    folder = service.paths.temp_dir / "session_latest" / "logs" / "serve" / "spans"

    def spans() -> str:
        return "".join(path.read_text(encoding="utf-8") for path in folder.glob("*"))

    wait_for(lambda: "Recognizer" in spans() and REQUEST_ID in spans(), timeout_s=EXPORT_S)
