"""Replicas that start while a version is rolled out never read with an older one than the rest."""

from pathlib import Path

import pytest

from benchmarks.traffic import Traffic
from benchmarks.versions import add_version, library_of
from tests.support.cluster import running_cluster
from tests.support.config import write_config
from tests.support.rollout import BODIES, activate, replicas, served
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

MOST = 3
# So low a target that a trickle of requests wants all the replicas there may be.
SCALING = {"min_replicas": 1, "initial_replicas": 1, "max_replicas": MOST, "target_ongoing_requests": 0.05}


def test_scaling_up_during_rollouts(tmp_path: Path) -> None:
    config = write_config(tmp_path / "cluster.yaml", recognizer=SCALING, args={"training": {"enabled": False}})
    with (
        running_cluster(data_dir=tmp_path / "data", config=config) as cluster,
        library_of(cluster.data_dir) as library,
    ):
        base, other = library.pointer().version, add_version(library, "other-1")
        turns = 0

        def all_there_after_another_rollout() -> bool:
            nonlocal turns
            turns += 1
            answer = activate(cluster, (other, base)[turns % 2])
            assert answer.status_code == 200, answer.text
            return len(replicas(cluster)) == MOST

        with Traffic(cluster.base_url, 15, BODIES) as traffic:
            wait_for(all_there_after_another_rollout, timeout_s=90)
            assert turns > 1  # it took more than one rollout until they were there: they started during them
            last = activate(cluster, other)
            assert last.status_code == 200, last.text
            wait_for(lambda: served(cluster, MOST) == {other}, timeout_s=30)
        assert set(traffic.outcomes) == {"200"}, traffic.outcomes
        assert traffic.versions <= {base, other}
