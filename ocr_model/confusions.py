"""Which characters are taken for which others."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from ocr_model.scoring import Read


class Confusion(NamedTuple):
    """One character read as another.

    Attributes:
        truth: the character shown; "" if one was read where none is.
        read: the character read; "" if it was left out.
        times: how often.
    """

    truth: str
    read: str
    times: int


def commonest_confusions(reads: Iterable[Read], *, most: int = 15) -> list[Confusion]:
    """Count the single-character mistakes of all reads; the ``most`` commonest, commonest first."""
    counts = Counter(pair for read in reads for pair in mistakes(read.truth, read.text))
    # Ties by character, so that the same reads always give the same list.
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Confusion(truth, read, count) for (truth, read), count in ranked[:most]]


def mistakes(truth: str, text: str) -> list[tuple[str, str]]:
    """Give the pairs of `aligned` that differ: as few as there can be."""
    return [(shown, read) for shown, read in aligned(truth, text) if shown != read]


def aligned(truth: str, text: str) -> list[tuple[str, str]]:
    """Pair the characters of two texts with the fewest edits, in order, as (shown, read).

    "" stands in the place of a character that one of them lacks. Of several such alignments the
    one that replaces rather than inserts and deletes is taken.
    """
    rows = [list(range(len(text) + 1))]
    for i, shown in enumerate(truth, start=1):
        row = [i]
        for j, read in enumerate(text, start=1):
            row.append(min(rows[-1][j - 1] + (shown != read), rows[-1][j] + 1, row[-1] + 1))
        rows.append(row)
    pairs = []
    i, j = len(truth), len(text)
    while i or j:
        if i and j and rows[i][j] == rows[i - 1][j - 1] + (truth[i - 1] != text[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((truth[i], text[j]))
        elif i and rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
            pairs.append((truth[i], ""))
        else:
            j -= 1
            pairs.append(("", text[j]))
    return pairs[::-1]
