"""All recognizer replicas at once, over Serve's broadcast."""

import logging
from typing import Any, Protocol

from ray import serve
from ray.exceptions import RayError
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

    def running(self) -> int:
        """How many replicas take requests now."""


class HandleReplicas:
    """Reaches the replicas of a deployment by ``DeploymentHandle.broadcast``.

    It reaches those that its router knows as running, and leaves out in silence those that die at that
    moment (Ray 2.60): right as a push, never as proof; `running` is Serve's own count to compare with.
    """

    def __init__(self, handle: DeploymentHandle[Any]) -> None:
        self._handle = handle

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

    def running(self) -> int:
        """Serve's count of replicas in state RUNNING."""
        application = serve.get_replica_context().app_name
        status = serve.status().applications[application].deployments[self._handle.deployment_name]
        return sum(count for state, count in status.replica_states.items() if state.value == "RUNNING")

    def _all(self, method: str, *args: object, timeout_s: float) -> list[Any]:
        results = self._handle.broadcast(method, *args).results(timeout_s=timeout_s, return_exceptions=True)
        for error in results:
            if isinstance(error, RayError):
                logger.warning("a replica did not answer %s: %s", method, type(error).__name__)
            elif isinstance(error, BaseException):
                raise error
        return [result for result in results if not isinstance(result, BaseException)]
