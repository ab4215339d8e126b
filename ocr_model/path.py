"""Most probable CTC paths: one class per column, free or with a bounded number of characters."""

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import BLANK_INDEX
from ocr_model.errors import ConstraintError

_STAYED = -2
_FROM_BLANK = -1


def best_path(log_probs: NDArray[np.float32]) -> NDArray[np.intp]:
    """Give the most probable path of all.

    Args:
        log_probs: (T, C).

    Returns:
        (T,) classes.
    """
    path: NDArray[np.intp] = log_probs.argmax(axis=1)
    return path


def constrained_path(log_probs: NDArray[np.float32], *, least: int, most: int | None) -> NDArray[np.intp]:
    """Give the most probable path that reads as ``least`` to ``most`` characters.

    Viterbi's algorithm over states (characters so far, last class), so the result is exact and
    exists whenever any path meets the bounds; a beam could lose them all.

    Args:
        log_probs: (T, C), C at least 2.
        least: fewest characters.
        most: most characters; None means as many as there are columns.

    Returns:
        (T,) classes.

    Raises:
        ConstraintError: T columns cannot hold ``least`` characters.
    """
    columns = len(log_probs)
    most = columns if most is None else min(most, columns)
    search = _Search(log_probs, most)
    score, count, last = max(search.ending(count) for count in range(min(least, most), most + 1))
    if least > most or score == -np.inf:
        raise ConstraintError(f"min_length ({least}) is more than an image can hold.")
    return search.trace(count, last)


class _Search:
    """The forward pass with its back pointers.

    A state is a number of characters read so far and the last class, which is a character
    (index 0 is class 1) or the blank. After a blank any character begins anew, so the blank's
    state forgets which character came before it.
    """

    def __init__(self, log_probs: NDArray[np.float32], most: int) -> None:
        columns, classes = log_probs.shape
        self.characters = np.full((most + 1, classes - 1), -np.inf, dtype=np.float32)
        self.blanks = np.full(most + 1, -np.inf, dtype=np.float32)
        self.blanks[0] = 0
        self.character_sources = np.empty((columns, most + 1, classes - 1), dtype=np.int32)
        self.blank_sources = np.empty((columns, most + 1), dtype=np.int32)
        for column in range(columns):
            self._advance(column, log_probs[column])

    def _advance(self, column: int, log_probs: NDArray[np.float32]) -> None:
        characters, blanks = self.characters, self.blanks
        counts = np.arange(len(blanks))
        best = characters.argmax(axis=1)
        best_scores = characters[counts, best]
        # A character may follow any but itself: it follows the best, the best one the second best.
        entered = np.repeat(best_scores[:, None], characters.shape[1], axis=1)
        sources = np.repeat(best[:, None], characters.shape[1], axis=1)
        rest = characters.copy()
        rest[counts, best] = -np.inf
        second = rest.argmax(axis=1)
        entered[counts, best] = rest[counts, second]
        sources[counts, best] = second
        from_blank = blanks[:, None] >= entered
        entered = np.where(from_blank, blanks[:, None], entered)
        sources = np.where(from_blank, _FROM_BLANK, sources)

        new = characters.copy()
        new_sources = self.character_sources[column]
        new_sources[:] = _STAYED
        began = entered[:-1] > new[1:]
        new[1:] = np.where(began, entered[:-1], new[1:])
        new_sources[1:] = np.where(began, sources[:-1], _STAYED)
        self.characters = new + log_probs[1:]
        self.blank_sources[column] = np.where(blanks >= best_scores, _FROM_BLANK, best)
        self.blanks = np.maximum(blanks, best_scores) + log_probs[BLANK_INDEX]

    def ending(self, count: int) -> tuple[float, int, int]:
        """Give score, count and last character (or _FROM_BLANK) of the best end with ``count``."""
        last = int(self.characters[count].argmax())
        score = float(self.characters[count, last])
        blank = float(self.blanks[count])
        return (blank, count, _FROM_BLANK) if blank >= score else (score, count, last)

    def trace(self, count: int, last: int) -> NDArray[np.intp]:
        """Follow the back pointers from an end to the (T,) classes of its path."""
        columns = len(self.blank_sources)
        path = np.empty(columns, dtype=np.intp)
        for column in range(columns - 1, -1, -1):
            if last == _FROM_BLANK:
                path[column] = BLANK_INDEX
                last = int(self.blank_sources[column, count])
                continue
            path[column] = last + 1
            source = int(self.character_sources[column, count, last])
            if source != _STAYED:
                count, last = count - 1, source
        return path
