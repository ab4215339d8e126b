"""The short forms of `make crash` and `make chaos`."""

import random
from functools import partial
from pathlib import Path

import httpx
import pytest

from benchmarks.crash import crash
from benchmarks.own_service import OwnService
from benchmarks.traffic import Traffic
from tests.support.cluster import RunningCluster
from tests.support.rollout import BODIES
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

CUT_OFF = {"ServerDisconnectedError", "ClientOSError", "ClientConnectorError"}


def test_nothing_answered_is_lost_when_everything_is_killed(tmp_path: Path) -> None:
    outcome = crash(tmp_path, kills=1, chance=random.Random(7))
    assert outcome.faults == []
    assert outcome.acknowledged > 0
    assert outcome.processes_killed > 10
    assert outcome.rows >= outcome.acknowledged


def test_the_death_of_either_haproxy_is_no_outage(service: RunningCluster) -> None:
    own = OwnService(service.data_dir, environment={})

    def alive(role: str) -> set[int]:
        return {process.pid for process in own.processes_by_role().get(role, [])}

    def replaced(role: str, dead: set[int]) -> bool:
        return bool(alive(role) - dead)

    with Traffic(service.base_url, 10.0, BODIES) as traffic:
        for role in ("haproxy", "standby HAProxy"):
            wait_for(lambda: bool(alive("haproxy") and alive("standby HAProxy")), timeout_s=60)
            victims = own.processes_by_role()[role]
            for process in victims:
                process.kill()
            assert httpx.get(f"{service.base_url}/healthz/live").status_code == 200
            wait_for(partial(replaced, role, {process.pid for process in victims}), timeout_s=60)
    failed = {outcome: n for outcome, n in traffic.outcomes.items() if outcome != "200"}
    # What a dying proxy had in its hands is cut off, and nothing else.
    assert set(failed) <= CUT_OFF
    assert sum(failed.values()) <= 4
