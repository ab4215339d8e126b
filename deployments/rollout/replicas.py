"""All recognizer replicas at once, over Serve's broadcast."""

import asyncio
import logging
from typing import Any, Protocol

from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from deployments.protocol import LoadReport, ReplicaReport

logger = logging.getLogger(__name__)


class Replicas(Protocol):
    """What a rollout asks of the replicas; all calls block. A replica that dies meanwhile reports nothing."""

    def prepare(self, version: str, *, timeout_s: float) -> list[LoadReport]:
        """Have each load ``version`` beside its live one; raises TimeoutError if one does not come back."""

    def activate(self, generation: int, version: str, *, timeout_s: float) -> list[ReplicaReport]:
        """Have each read with ``version`` from now on; those that do not come back are left out."""

    def discard(self, version: str) -> None:
        """Have each forget a version that was prepared in vain."""

    def running(self) -> int | None:
        """How many replicas take requests now; None if nobody knows at the moment."""


class HandleReplicas:
    """Reaches the replicas of a deployment by ``DeploymentHandle.broadcast``.

    It reaches those that its router knows as running, and leaves out in silence those that die at that
    moment (Ray 2.60): right as a push, never as proof; `running` is Serve's own count to compare with.

    Args:
        handle: of the deployment.
        loop: the replica's own event loop. In high-throughput mode a handle works on no other; the calls
            here come from threads, and never from that loop's.
    """

    def __init__(self, handle: DeploymentHandle[Any], loop: asyncio.AbstractEventLoop) -> None:
        self._handle = handle
        self._loop = loop

    def prepare(self, version: str, *, timeout_s: float) -> list[LoadReport]:
        """Broadcast; a replica's own failure is in its report."""
        return self._all("prepare", version, timeout_s=timeout_s)

    def activate(self, generation: int, version: str, *, timeout_s: float) -> list[ReplicaReport]:
        """Broadcast; nobody is waited for beyond the timeout, since replicas also follow by themselves."""
        try:
            return self._all("activate", generation, version, timeout_s=timeout_s)
        except TimeoutError:
            logger.warning("not all replicas answered activate within %g s", timeout_s)
            return []

    def discard(self, version: str) -> None:
        """Broadcast; whoever misses it forgets the version with the next one."""
        try:
            self._all("discard", version, timeout_s=5)
        except TimeoutError:
            logger.warning("not all replicas answered discard")

    def running(self) -> int | None:
        """Serve's count of replicas in state RUNNING; unknown while its controller is being replaced."""
        try:
            application = serve.status().applications[serve.get_replica_context().app_name]
            states = application.deployments[self._handle.deployment_name].replica_states
        except (RayError, RayServeException, KeyError) as e:
            logger.info("the number of replicas is not known now: %s", type(e).__name__)
            return None
        return sum(count for state, count in states.items() if state == "RUNNING")

    def _all(self, method: str, *args: object, timeout_s: float) -> list[Any]:
        calling = asyncio.run_coroutine_threadsafe(self._broadcast(method, *args, timeout_s=timeout_s), self._loop)
        try:
            results = calling.result()
        except TimeoutError:
            raise
        except Exception as e:  # noqa: BLE001 - see below
            # Thrown, not returned, where the router knows of no replica, or meets the death of the only one.
            logger.warning("a broadcast of %s broke off: %s", method, type(e).__name__)
            return []
        for error in results:
            if isinstance(error, TimeoutError):
                raise error
            if isinstance(error, BaseException):
                # A replica that dies in mid-call shows as Ray's, gRPC's or a plain RuntimeError (Ray 2.60), whose
                # one common base this is. What a living one cannot do is in its report instead.
                logger.warning("a replica did not answer %s: %r", method, error)
        return [result for result in results if not isinstance(result, BaseException)]

    async def _broadcast(self, method: str, *args: object, timeout_s: float) -> list[Any]:
        calls = self._handle.broadcast(method, *args)
        return await calls.results_async(timeout_s=timeout_s, return_exceptions=True)
