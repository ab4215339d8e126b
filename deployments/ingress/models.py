"""What the routes ask of whoever rolls models out."""

from typing import Protocol

from deployments.rollout.report import ActivationReport


class ModelControl(Protocol):
    """Brings a model version to all replicas, whatever carries the call."""

    async def activate(self, version: str, reason: str) -> ActivationReport:
        """Serve ``version`` everywhere.

        Raises:
            RequestError: there is no such version, or a replica cannot load it; nothing was switched.
            NotReadyError: nobody answers who could.
        """
