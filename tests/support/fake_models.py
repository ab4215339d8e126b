"""Whoever rolls models out, without replicas: for tests of the routes."""

from deployments.rollout.report import ActivationReport


class FakeModels:
    """Keeps what it was asked for; ``script`` holds the errors of the next calls."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.script: list[Exception] = []

    async def activate(self, version: str, reason: str) -> ActivationReport:
        self.asked.append((version, reason))
        if self.script:
            raise self.script.pop(0)
        return ActivationReport(generation=2, version=version, replicas=1, seconds=0.1)
