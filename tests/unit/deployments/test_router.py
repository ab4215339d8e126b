"""The router's choice, with Serve's own base class and replicas that are only names."""

from dataclasses import dataclass

import pytest
from ray.serve._private.common import DeploymentHandleSource, DeploymentID, ReplicaID

from deployments.router import LeastBusy


@dataclass(frozen=True)
class Replica:
    replica_id: ReplicaID


@pytest.fixture
def replicas() -> list[Replica]:
    deployment = DeploymentID(name="Recognizer", app_name="glyphserve")
    return [Replica(ReplicaID(name, deployment)) for name in "abc"]


@pytest.fixture
def router(replicas: list[Replica]) -> LeastBusy:
    return LeastBusy(replicas[0].replica_id.deployment_id, DeploymentHandleSource.REPLICA)


async def chosen(router: LeastBusy, replicas: list[Replica]) -> ReplicaID:
    (first,), others = await router.choose_replicas(replicas)  # type: ignore[arg-type]
    assert {first.replica_id, *(other.replica_id for other in others)} == {r.replica_id for r in replicas}
    return first.replica_id


async def test_calls_are_dealt_out_evenly(router: LeastBusy, replicas: list[Replica]) -> None:
    for _ in range(2):
        went = [await chosen(router, replicas) for _ in replicas]
        assert len(set(went)) == len(replicas), "chosen at once, before any was sent"
        for replica_id in went:
            router.on_send_request(replica_id)


async def test_the_one_that_answered_first_gets_the_next(router: LeastBusy, replicas: list[Replica]) -> None:
    for replica in replicas:
        router.on_send_request(replica.replica_id)
    router.on_request_completed(replicas[1].replica_id, "call")
    assert await chosen(router, replicas) == replicas[1].replica_id


async def test_a_call_that_was_never_sent_is_forgotten(
    router: LeastBusy, replicas: list[Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr("deployments.router.time.monotonic", lambda: now_s)
    one = replicas[:1]
    for _ in range(5):
        await chosen(router, one)
    now_s += 2
    for replica in replicas[1:]:
        router.on_send_request(replica.replica_id)
    assert await chosen(router, replicas) == replicas[0].replica_id
