"""What a check has to say."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    PROBLEM = "problem"
    """The service does not start, does not work, or may lose something."""
    ADVICE = "advice"
    """It works, less well or less safely than it could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        severity: how much it matters.
        found: what was found, with its figures, in one sentence.
        remedy: what to do, in one sentence.
    """

    severity: Severity
    found: str
    remedy: str


def problem(found: str, remedy: str) -> Finding:
    """A finding that has to be dealt with."""
    return Finding(severity=Severity.PROBLEM, found=found, remedy=remedy)


def advice(found: str, remedy: str) -> Finding:
    """A finding that may be lived with."""
    return Finding(severity=Severity.ADVICE, found=found, remedy=remedy)
