"""Serve's handles as the plain calls that the ingress needs."""

import asyncio
from collections.abc import Awaitable
from typing import Any, cast

from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from deployments.errors import NotReadyError, RequestError
from deployments.protocol import ReadJob, ReadResult, ReplicaReport
from deployments.rollout.report import ActivationReport

_ACTIVATE_TIMEOUT_S = 50.0
"""Below the service's own request timeout, so that the client is told in our words."""


class HandleCalls:
    """Carries calls over a Serve deployment handle to some routable recognizer replica."""

    def __init__(self, handle: DeploymentHandle[Any]) -> None:
        self._handle = handle
        # Each look-up of a method makes a handle anew.
        self._read = handle.read

    def read(self, jobs: list[ReadJob]) -> Awaitable[list[ReadResult]]:
        """Read the images of several requests in one call."""
        return cast("Awaitable[list[ReadResult]]", self._read.remote(jobs))

    def report(self) -> Awaitable[ReplicaReport]:
        """Ask one replica which model it reads with."""
        return cast("Awaitable[ReplicaReport]", self._handle.report.remote())

    async def reports(self, *, timeout_s: float) -> list[ReplicaReport]:
        """Ask every replica that this one's router knows; who does not answer in time is left out."""
        calls = self._handle.broadcast("report")
        answers = await calls.results_async(timeout_s=timeout_s, return_exceptions=True)
        return [answer for answer in answers if isinstance(answer, ReplicaReport)]


class HandleModels:
    """Carries rollouts over a Serve deployment handle to the retrainer."""

    def __init__(self, handle: DeploymentHandle[Any]) -> None:
        self._handle = handle

    async def activate(self, version: str, reason: str) -> ActivationReport:
        """Serve a version everywhere.

        Raises:
            RequestError: there is none of this name, or it cannot be rolled out; nothing was switched.
            NotReadyError: the retrainer does not answer.
        """
        try:
            async with asyncio.timeout(_ACTIVATE_TIMEOUT_S):
                answer = await cast("Awaitable[ActivationReport]", self._handle.activate.remote(version, reason))
        except RequestError as e:
            # As it left the retrainer, whatever Ray made of it on the way.
            raise RequestError(e.status, e.detail, e.retry_after_s) from e
        except (TimeoutError, RayError, RayServeException) as e:
            raise NotReadyError("the retrainer does not answer; the serving pointer tells whether it moved", 5) from e
        return answer
