"""Models change under traffic: no request fails, and no answer comes from a version nobody activated."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from benchmarks.traffic import Traffic
from benchmarks.versions import FAULTS, add_version, library_of
from deployments.rollout.library import ModelLibrary
from tests.support.cluster import RunningCluster, running_cluster
from tests.support.config import write_config
from tests.support.rollout import BODIES, READ, activate, replicas, served
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

RATE = 15.0
"""Requests a second: about half of what two busy cores read, the models of four replicas being loaded beside it."""

ROLLBACK_S = 2.0
PATIENCE = {"rollout": {"prepare_timeout_s": 5, "follow_every_s": 0.5}, "training": {"enabled": False}}


@pytest.fixture(scope="module", params=[1, 4], ids=["one replica", "four replicas"])
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCluster]:
    folder = tmp_path_factory.mktemp("rollout")
    count: int = request.param
    scaling = {"min_replicas": count, "initial_replicas": count, "max_replicas": count}
    config = write_config(folder / "cluster.yaml", recognizer=scaling, args=PATIENCE)
    with running_cluster(data_dir=folder / "data", config=config) as running:
        wait_for(lambda: len(replicas(running)) == count, timeout_s=60)
        yield running


@pytest.fixture(scope="module")
def library(cluster: RunningCluster) -> Iterator[ModelLibrary]:
    with library_of(cluster.data_dir) as opened:
        yield opened


@pytest.fixture(scope="module")
def other(library: ModelLibrary) -> str:
    """A second good version."""
    return add_version(library, "other-1")


def test_forward_and_back_without_a_failed_request(cluster: RunningCluster, library: ModelLibrary, other: str) -> None:
    base = library.pointer().version
    count = len(replicas(cluster))
    with Traffic(cluster.base_url, RATE, BODIES) as traffic:
        for version in (other, base, other, base):
            before = library.pointer().generation
            began = time.monotonic()
            answer = activate(cluster, version)
            took_s = time.monotonic() - began
            assert answer.status_code == 200, answer.text
            report: dict[str, Any] = answer.json()
            assert (report["version"], report["generation"], report["replicas"]) == (version, before + 1, count)
            # From here on nobody reads with the old version any more.
            read = httpx.post(f"{cluster.base_url}/captcha_recap_image", json=READ, timeout=30)
            assert read.headers["X-Model-Version"] == version
        assert took_s <= ROLLBACK_S
    assert set(traffic.outcomes) == {"200"}, traffic.outcomes
    assert traffic.versions <= {base, other}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_version_changes_nothing(cluster: RunningCluster, library: ModelLibrary, fault: str) -> None:
    pointer = library.pointer()
    version = add_version(library, f"broken-{fault.replace(' ', '-')}", fault=fault)
    with Traffic(cluster.base_url, RATE, BODIES) as traffic:
        answer = activate(cluster, version)
        assert (answer.status_code, answer.json()["message"]) == (400, "model could not be rolled out"), answer.text
    assert set(traffic.outcomes) == {"200"}, traffic.outcomes
    assert traffic.versions == {pointer.version}
    assert library.pointer() == pointer


def test_two_activations_at_once_happen_one_after_the_other(
    cluster: RunningCluster, library: ModelLibrary, other: str
) -> None:
    base = library.pointer().version
    before = library.pointer().generation
    with Traffic(cluster.base_url, RATE, BODIES) as traffic, ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda version: activate(cluster, version), (other, base)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(answer.json()["generation"] for answer in answers) == [before + 1, before + 2]
    assert set(traffic.outcomes) == {"200"}, traffic.outcomes
    assert traffic.versions <= {base, other}
    last = max(answers, key=lambda answer: answer.json()["generation"]).json()["version"]
    assert library.pointer().version == last
    assert httpx.get(f"{cluster.base_url}/healthz/ready").json()["model_version"] == last


def test_a_replica_killed_during_rollouts_comes_back_with_the_current_version(
    cluster: RunningCluster, library: ModelLibrary, other: str
) -> None:
    base = library.pointer().version
    alive = replicas(cluster)
    with Traffic(cluster.base_url, RATE, BODIES) as traffic, ThreadPoolExecutor(1) as pool:
        rollout = pool.submit(activate, cluster, other)
        victim = alive[0]
        os.kill(victim.pid, signal.SIGKILL)
        wait_for(lambda: len(replicas(cluster)) == len(alive) and not victim.is_running(), timeout_s=60)
        answer = rollout.result(timeout=60)
        assert answer.status_code == 200, answer.text
        wait_for(lambda: served(cluster, len(alive)) == {other}, timeout_s=60)
    # With one replica nobody reads meanwhile: requests wait for the next one, and none fails.
    assert set(traffic.outcomes) == {"200"}, traffic.outcomes
    assert traffic.versions <= {base, other}
    assert activate(cluster, base).status_code == 200


def test_the_controller_killed_during_a_rollout_is_not_noticed(
    cluster: RunningCluster, library: ModelLibrary, other: str
) -> None:
    base = library.pointer().version
    (controller,) = replicas(cluster, "ServeController")
    with Traffic(cluster.base_url, RATE, BODIES) as traffic, ThreadPoolExecutor(1) as pool:
        rollout = pool.submit(activate, cluster, other)
        os.kill(controller.pid, signal.SIGKILL)
        assert rollout.result(timeout=60).status_code == 200
        wait_for(lambda: len(replicas(cluster, "ServeController")) == 1, timeout_s=60)
        assert activate(cluster, base).status_code == 200
    assert set(traffic.outcomes) == {"200"}, traffic.outcomes
    assert traffic.versions <= {base, other}


def test_the_retrainer_killed_is_back_and_knows_where_things_stand(
    cluster: RunningCluster, library: ModelLibrary, other: str
) -> None:
    (retrainer,) = replicas(cluster, "ServeReplica:glyphserve:Retrainer")
    with Traffic(cluster.base_url, RATE, BODIES) as traffic:
        os.kill(retrainer.pid, signal.SIGKILL)
        wait_for(lambda: activate(cluster, other).status_code == 200, timeout_s=60)
    assert set(traffic.outcomes) == {"200"}, traffic.outcomes
    assert library.pointer().version == other


def test_memory_stays_flat_over_fifty_swaps(cluster: RunningCluster, library: ModelLibrary, other: str) -> None:
    versions = [other, add_version(library, "other-2")]
    sizes: list[int] = []
    for number in range(60):
        assert activate(cluster, versions[number % 2]).status_code == 200
        sizes.append(max(process.memory_info().rss for process in replicas(cluster)))
    # The first ten settle what the allocator keeps.
    assert max(sizes[-10:]) <= 1.05 * max(sizes[10:20]), [size >> 20 for size in sizes]
