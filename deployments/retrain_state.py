"""Where a retrain stands, for all who speak of it: records, routes, and the command line, which knows no database."""

from enum import StrEnum


class RetrainState(StrEnum):
    """Where a retrain stands."""

    QUEUED = "queued"
    RUNNING = "running"
    EVALUATING = "evaluating"
    ROLLING_OUT = "rolling out"
    PROMOTED = "promoted"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether a job that stands there never moves again."""
        return self in _FINAL


_FINAL = frozenset({RetrainState.PROMOTED, RetrainState.REJECTED, RetrainState.FAILED, RetrainState.CANCELLED})
