"""Serve's handle as the plain calls that the ingress needs."""

from collections.abc import Awaitable
from typing import Any, cast

from ray.serve.handle import DeploymentHandle

from deployments.protocol import ReadJob, ReadResult, ReplicaReport


class HandleCalls:
    """Carries calls over a Serve deployment handle to some routable recognizer replica."""

    def __init__(self, handle: DeploymentHandle[Any]) -> None:
        self._handle = handle

    def read(self, jobs: list[ReadJob]) -> Awaitable[list[ReadResult]]:
        """Read the images of several requests in one call."""
        return cast("Awaitable[list[ReadResult]]", self._handle.read.remote(jobs))

    def report(self) -> Awaitable[ReplicaReport]:
        """Ask one replica which model it reads with."""
        return cast("Awaitable[ReplicaReport]", self._handle.report.remote())
