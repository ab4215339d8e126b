"""A restriction on the answer that a request may ask for."""

from dataclasses import dataclass
from typing import Any

from ocr_model.errors import ConstraintError
from ocr_model.network_config import TIME_STEPS

MAX_MIN_LENGTH = TIME_STEPS // 2
"""Longest text that 40 columns can surely hold: each character may need a blank beside it."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """Which texts may be the answer.

    Attributes:
        characters: only these may appear; None means all that the model knows.
        min_length: fewest characters, 0..20; None means none.
        max_length: most characters, at least 1 and at least ``min_length``; None means no bound.

    Raises:
        ConstraintError: it contradicts itself; the message names the field.
    """

    characters: frozenset[str] | None = None
    min_length: int | None = None
    max_length: int | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """See ``Reading``: one travels with every image."""
        return Constraint, (self.characters, self.min_length, self.max_length)

    def __post_init__(self) -> None:
        if self.characters is not None:
            if not self.characters:
                raise ConstraintError("charset must name at least one character.")
            if any(len(character) != 1 for character in self.characters):
                raise ConstraintError("charset must consist of single characters.")
        if self.min_length is not None and not 0 <= self.min_length <= MAX_MIN_LENGTH:
            raise ConstraintError(f"min_length must be 0 to {MAX_MIN_LENGTH}; it is {self.min_length}.")
        if self.max_length is not None and self.max_length < 1:
            raise ConstraintError(f"max_length must be 1 or more; it is {self.max_length}.")
        if self.min_length is not None and self.max_length is not None and self.min_length > self.max_length:
            raise ConstraintError(f"min_length ({self.min_length}) must not be above max_length ({self.max_length}).")

    @property
    def is_free(self) -> bool:
        """Whether every text is allowed."""
        return self.characters is None and not self.min_length and self.max_length is None


NO_CONSTRAINT = Constraint()
