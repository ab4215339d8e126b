"""`serve deploy cluster.yaml` on two plain Ray nodes that share PostgreSQL and S3: no `glyphserve up`, no HAProxy."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.own_service import free_port
from deployments.cluster.ports import holder_of
from tests.support.captcha_server import draw_captcha, drawn_text
from tests.support.plain_cluster import PlainCluster, plain_cluster, write_config
from tests.support.waiting import wait_for
from tests.unit.deployments.blobs.s3_server import running_s3_server
from tests.unit.deployments.records.postgresql_server import postgresql_binaries, running_postgresql

READY_S = 120

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def stores() -> Iterator[dict[str, str]]:
    """Settings of stores that all nodes reach."""
    binaries = postgresql_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with running_postgresql(binaries) as database, running_s3_server() as s3:
        yield {"records_url": database.fresh_url(), "blobs_uri": s3.fresh_uri()}


def two_recognizers_of_a_gpu(deployments: dict[str, dict[str, Any]]) -> None:
    deployments["Recognizer"]["autoscaling_config"].update(min_replicas=2, initial_replicas=2)
    deployments["Recognizer"]["ray_actor_options"].update(num_cpus=1, num_gpus=1)
    # Else the second recognizer, coming back first, may take the room that the ingress needs.
    deployments["Ingress"]["ray_actor_options"]["num_cpus"] = 0


def is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def nodes_of(cluster: PlainCluster, deployment: str) -> set[str]:
    return {replica["node_id"] for replica in cluster.replicas(deployment) if replica["state"] == "RUNNING"}


def read(client: httpx.Client, number: int) -> httpx.Response:
    image = base64.b64encode(draw_captcha(number)).decode()
    return client.post("/captcha_recap_image", json={"image_base64": image})


def test_two_nodes_read_and_one_goes_on_when_the_other_ends(tmp_path: Path, stores: dict[str, str]) -> None:
    port = free_port()
    # A CPU each: one node alone has no room for both recognizers. The GPUs are only counted, nobody looks for them.
    with (
        plain_cluster(cpus=1, gpus=1) as cluster,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        with cluster.joined_by(cpus=1, gpus=1):
            cluster.serve("deploy", str(write_config(tmp_path, port, two_recognizers_of_a_gpu, **stores)))
            wait_for(lambda: is_ready(client), timeout_s=READY_S)
            wait_for(lambda: len(nodes_of(cluster, "Recognizer")) == 2, timeout_s=READY_S)
            assert [found["GPU"] for found in cluster.reserved_by("Recognizer")] == [1, 1]
            assert "haproxy" not in str(holder_of(port))
            answer = read(client, 1)
            assert answer.status_code == 200
            content = answer.json()["content"]
            assert [len(label) for label in content["list_label"]] == [len(drawn_text(1))]

        def goes_on() -> bool:
            try:
                return all(read(client, number).status_code == 200 for number in range(3))
            except httpx.TransportError:
                return False

        wait_for(goes_on, timeout_s=READY_S)
        # What was stored while the other node lived is there: nothing lay on it.
        assert client.get(content["list_path"][0]).content == draw_captcha(1)
        listed = client.get("/v1/recognitions", params={"limit": 200}).json()["items"]
        assert content["list_id"][0] in {item["id"] for item in listed}
