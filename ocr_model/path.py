"""Most probable CTC paths: one class per column, free, of a bounded number of characters, or of one text."""

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import BLANK_INDEX
from ocr_model.errors import ConstraintError


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
    if least > most:
        raise ConstraintError(f"min_length ({least}) is more than an image can hold.")
    states = _forward(log_probs, most)
    ends = states[-1, least : most + 1]
    count, last = divmod(int(ends.argmax()), ends.shape[1])
    if ends[count, last] == -np.inf:
        raise ConstraintError(f"min_length ({least}) is more than an image can hold.")
    return _trace(states, least + count, last)


def text_path(log_probs: NDArray[np.float32], classes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give the most probable path that reads as ``classes``.

    Args:
        log_probs: (T, C).
        classes: a text that T columns can hold, without blanks.

    Returns:
        (T,) classes.
    """
    labels = np.full(2 * len(classes) + 1, BLANK_INDEX, dtype=np.intp)
    labels[1::2] = classes
    # Into each label: from itself, the one before, or past a blank between two different characters.
    sources = np.arange(len(labels)) - np.arange(3)[:, None]
    closed = sources < 0
    closed[2, ::2] = True
    closed[2, 3::2] |= classes[1:] == classes[:-1]
    sources[sources < 0] = 0
    penalties = np.where(closed, -np.inf, 0.0)
    emitted = log_probs[:, labels].astype(np.float64)
    scores = np.where(np.arange(len(labels)) < 2, emitted[0], -np.inf)
    steps = np.empty((len(log_probs), len(labels)), dtype=np.intp)
    for column in range(1, len(log_probs)):
        entering = scores[sources] + penalties
        steps[column] = entering.argmax(axis=0)
        scores = entering.max(axis=0) + emitted[column]
    state = len(labels) - 1 - int(len(labels) > 1 and scores[-2] > scores[-1])
    path = np.empty(len(log_probs), dtype=np.intp)
    for column in range(len(path) - 1, -1, -1):
        path[column] = labels[state]
        if column:
            state -= int(steps[column, state])
    return path


def _forward(log_probs: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """Score the best path to every state: (T + 1, most + 1, C), after 0..T columns.

    A state is a number of characters read so far and the last class. Whatever comes after a
    blank begins anew, so the blank's state forgets which character came before it.
    """
    columns, classes = log_probs.shape
    states = np.full((columns + 1, most + 1, classes), -np.inf, dtype=np.float32)
    states[0, 0, BLANK_INDEX] = 0
    counts = np.arange(most + 1)
    for column in range(columns):
        # No more characters than columns: the rest of the rows is out of reach.
        rows = counts[: column + 2]
        before, after = states[column, : len(rows)], states[column + 1, : len(rows)]
        top = before.argmax(axis=1)
        best = before[rows, top]
        np.maximum(before[1:], best[:-1, None], out=after[1:])
        # A character may follow any class but itself: the top one follows the second best.
        before[rows, top] = -np.inf
        second = before.max(axis=1)
        before[rows, top] = best
        follows = rows[1:], top[:-1]
        after[follows] = np.maximum(before[follows], second[:-1])
        after[:, BLANK_INDEX] = best
        after += log_probs[column]
    return states


def _trace(states: NDArray[np.float32], count: int, last: int) -> NDArray[np.intp]:
    """Follow the best path back from its end to the classes of its columns, (T,)."""
    path = np.empty(len(states) - 1, dtype=np.intp)
    for column in range(len(path) - 1, -1, -1):
        path[column] = last
        before = states[column]
        if last == BLANK_INDEX:
            last = int(before[count].argmax())
            continue
        entered = before[count - 1].copy()
        entered[last] = -np.inf
        source = int(entered.argmax())
        # Staying on the same character, unless it begins here.
        if entered[source] > before[count, last]:
            count, last = count - 1, source
    return path
