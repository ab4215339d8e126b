"""What was read on one image, and how surely."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its probabilities.

    Attributes:
        text: the characters read; empty when the image shows none.
        confidence: the model's probability, 0..1, that the image says exactly ``text``.
        character_confidences: for each character of ``text``, 0..1.
    """

    text: str
    confidence: float
    character_confidences: tuple[float, ...]
