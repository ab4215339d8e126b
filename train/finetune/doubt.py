"""Labels that look wrong: the network, taught by all the others, surely reads another text.

A network learns what most labels agree on long before it remembers single wrong ones (Arpit et al.,
2017, arXiv:1706.05394). What it surely contradicts by then is thus more likely a slip than a lesson.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ocr_model.scoring import Read


class Suspect(NamedTuple):
    """A row whose label looks wrong, and what was read instead."""

    row: int
    read: Read


def suspects(reads: Sequence[Read], *, confidence: float) -> list[Suspect]:
    """List the reads that contradict their label at least this surely, the surest first."""
    found = [Suspect(row, read) for row, read in enumerate(reads) if _contradicts(read, confidence)]
    return sorted(found, key=lambda suspect: -suspect.read.confidence)


def trusted(reads: Sequence[Read], *, confidence: float, least_right: float) -> list[int]:
    """List the rows to go on with; all of them, where less than a share ``least_right`` is read as labelled.

    Where so few labels are met, the network has not learnt their kind yet, or they are no labels
    of these images: either way its doubt says nothing.
    """
    if sum(read.text == read.truth for read in reads) < least_right * len(reads):
        return list(range(len(reads)))
    doubted = {suspect.row for suspect in suspects(reads, confidence=confidence)}
    return [row for row in range(len(reads)) if row not in doubted]


def _contradicts(read: Read, confidence: float) -> bool:
    return read.text != read.truth and read.confidence >= confidence
