"""Which replica a call goes to: the one to which this process has the fewest calls under way.

Serve's own router compares two of them by queue lengths that it is told (power of two choices;
Mitzenmacher, 2001). That balances long queues; here each replica has about two calls, and a replica
without any waits until it is among the two. What an ingress replica sent itself it knows exactly.
"""

import random
import time
from collections import Counter
from typing import Any

from ray.serve.request_router import FIFOMixin, PendingRequest, ReplicaID, RequestRouter, RunningReplica

from deployments.lane.replica import NearReplica

_SENT_WITHIN_S = 1.0
"""A call that is chosen for and not sent by then was given up."""


class LeastBusy(FIFOMixin, RequestRouter):
    """Offers Serve the least busy replica, and all others should that one not take the call.

    First come, first served, since calls cannot be told apart: all that are made on behalf of one
    HTTP request bear its id.
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Serve's own arguments
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self._under_way: Counter[ReplicaID] = Counter()
        self._chosen: list[tuple[ReplicaID, float]] = []

    def create_replica_wrapper(self, replica_info: Any) -> RunningReplica:  # noqa: ANN401 - Serve's own
        """Serve learnt of a replica."""
        return NearReplica(replica_info)

    async def choose_replicas(
        self, candidate_replicas: list[RunningReplica], pending_request: PendingRequest | None = None
    ) -> list[list[RunningReplica]]:
        """The least busy replica, any of them among equals; then the others, of which Serve takes the best."""
        del pending_request
        since_s = time.monotonic() - _SENT_WITHIN_S
        self._chosen = [(replica, at_s) for replica, at_s in self._chosen if at_s >= since_s]
        busy = self._under_way + Counter(replica for replica, _ in self._chosen)
        first, *others = sorted(candidate_replicas, key=lambda r: (busy[r.replica_id], random.random()))
        # Counted from here on: others choose before the call is sent.
        self._chosen.append((first.replica_id, time.monotonic()))
        return [[first], others]

    def on_send_request(self, replica_id: ReplicaID) -> None:
        """Serve tells that a call leaves."""
        super().on_send_request(replica_id)
        self._under_way[replica_id] += 1
        place = next((i for i, (replica, _) in enumerate(self._chosen) if replica == replica_id), None)
        if place is not None:
            del self._chosen[place]

    def on_request_completed(self, replica_id: ReplicaID, internal_request_id: str) -> None:
        """Serve tells that a call ended, whatever came of it."""
        super().on_request_completed(replica_id, internal_request_id)
        self._under_way[replica_id] -= 1
        if self._under_way[replica_id] <= 0:
            del self._under_way[replica_id]
