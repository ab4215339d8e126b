"""What came of a rollout."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationReport:
    """A version that is served from now on.

    Attributes:
        generation: of the serving pointer.
        version: the model version.
        replicas: how many replicas read with it when this was written.
        seconds: from the request to that moment.
    """

    generation: int
    version: str
    replicas: int
    seconds: float
