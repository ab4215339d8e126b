"""Serve's view of a replica, with a lane beside the ways that Serve has itself.

Serve's own types of Ray 2.60, which are not public: a router may put its own replicas in their place, but what
a replica must be able to do is written nowhere. Should another Ray want more, ``tests/cluster`` fail.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Never

from ray.serve._private.common import ReplicaQueueLengthInfo
from ray.serve._private.replica_result import ReplicaResult
from ray.serve._private.tracing_utils import is_tracing_enabled
from ray.serve.request_router import PendingRequest, RunningReplica

from deployments.lane.client import Lane, connect

METHOD = "read"
"""The only method that is called often enough to matter."""


class NearReplica(RunningReplica):
    """A replica that is called over its lane where there is one; made on the router's event loop."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Serve's own arguments
        super().__init__(*args, **options)
        self._lane: Lane | None = None
        # Spans are made by Serve's own ways only.
        if not is_tracing_enabled():
            connecting = connect(self.replica_id.unique_id, self.actor_id.binary(), self._use)
            self._connecting = asyncio.get_running_loop().create_task(connecting)

    def _use(self, lane: Lane) -> None:
        self._lane = lane

    def try_send_request(self, pr: PendingRequest, with_rejection: bool) -> ReplicaResult:
        """Serve sends a call."""
        lane, told = self._lane, pr.metadata
        if lane is None or not lane.is_open or told.call_method != METHOD or told._on_separate_loop:  # noqa: SLF001
            return super().try_send_request(pr, with_rejection)
        (argument,) = pr.args
        return LaneResult(lane.call(argument), lane.under_way)


class LaneResult(ReplicaResult):
    """The outcome of a call over a lane, as Serve asks for it.

    Args:
        answer: of the call.
        under_way: calls to the replica, this one included.
    """

    def __init__(self, answer: asyncio.Future[Any], under_way: int) -> None:
        self._answer = answer
        self._under_way = under_way

    async def get_rejection_response(self) -> ReplicaQueueLengthInfo:
        """None is rejected: an ingress has a handful of calls under way for each replica."""
        return ReplicaQueueLengthInfo(accepted=True, num_ongoing_requests=self._under_way)

    async def get_async(self) -> Any:  # noqa: ANN401 - whatever the replica answers
        """Wait for the answer."""
        return await self._answer

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Have Serve told of the end, and of the error there was."""
        self._answer.add_done_callback(lambda a: callback(None if a.cancelled() else a.exception()))

    def cancel(self) -> None:
        """Stop waiting; what the replica answers is dropped."""
        self._answer.cancel()

    def get(self, timeout_s: float | None) -> Never:
        """Not for event loops."""
        raise NotImplementedError

    def __next__(self) -> Never:
        raise NotImplementedError

    async def __anext__(self) -> Never:
        raise NotImplementedError

    def to_object_ref(self) -> Never:
        """There is no object."""
        raise NotImplementedError

    async def to_object_ref_async(self) -> Never:
        """There is no object."""
        raise NotImplementedError

    def to_object_ref_gen(self) -> Never:
        """There is no object."""
        raise NotImplementedError
