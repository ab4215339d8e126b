"""Ray's GCS dies and comes back: with its state in Redis reading goes on, and the cluster is whole afterwards."""

import subprocess
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from benchmarks.load import bodies_of
from benchmarks.own_service import REPOSITORY, free_port
from benchmarks.traffic import Traffic
from tests.cluster.test_plain_cluster import READY_S, is_ready
from tests.support.plain_cluster import PlainCluster, plain_cluster, write_config
from tests.support.redis_server import running_redis
from tests.support.waiting import wait_for

RATE = 5
GONE_FOR_REQUESTS = 25

pytestmark = pytest.mark.timeout(400)


def two_recognizers(deployments: dict[str, dict[str, Any]]) -> None:
    """One is killed, and the other reads meanwhile."""
    deployments["Recognizer"]["autoscaling_config"].update(min_replicas=2, initial_replicas=2)


def running(cluster: PlainCluster) -> dict[str, int]:
    """Process ids of the recognizers that run, by replica."""
    found: list[dict[str, Any]] = cluster.replicas("Recognizer")
    return {replica["replica_id"]: replica["pid"] for replica in found if replica["state"] == "RUNNING"}


def is_replaced(cluster: PlainCluster, killed: str) -> bool:
    """Whether the controller, which asks the GCS for actors, has started another in the killed one's place."""
    try:
        replicas = running(cluster)
    except (httpx.HTTPError, KeyError, ValueError):
        return False
    return len(replicas) == 2 and killed not in replicas


def test_reading_goes_on_without_the_gcs_and_replicas_are_replaced_once_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    with (
        running_redis() as redis,
        plain_cluster(redis=redis) as cluster,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        cluster.serve("deploy", str(write_config(tmp_path, port, two_recognizers)))
        wait_for(lambda: is_ready(client) and len(running(cluster)) == 2, timeout_s=READY_S)
        gcs = cluster.gcs()
        command, environment = gcs.cmdline(), gcs.environ()
        with Traffic(f"http://127.0.0.1:{port}", RATE, bodies_of(REPOSITORY / "docs" / "images")) as traffic:
            gcs.kill()
            gcs.wait()
            before = len(traffic.samples)
            wait_for(lambda: len(traffic.samples) >= before + GONE_FOR_REQUESTS, timeout_s=READY_S)
            # As whatever watches over the head does: the same process again. Its marker lets the test end it.
            back = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                replica, pid = next(iter(running(cluster).items()))
                psutil.Process(pid).kill()
                wait_for(lambda: is_replaced(cluster, replica), timeout_s=READY_S)
                before = len(traffic.samples)
                wait_for(lambda: len(traffic.samples) >= before + RATE, timeout_s=READY_S)
                assert is_ready(client)
            finally:
                back.kill()
                back.wait()
        assert [sample for sample in traffic.samples if sample.outcome != "200"] == []
