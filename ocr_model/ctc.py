"""From log-probabilities per column to a text and its probability (CTC; Graves et al., 2006).

The answer is the text of the most probable *path*, or a likelier *text* where `ocr_model.prefix`
finds one: a text's probability, which is the confidence told, is the sum over all its paths. A length
that the free answer has already never changes it; else the best path of those lengths is searched.
"""

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import BLANK_INDEX, Charset
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.errors import ConstraintError
from ocr_model.path import best_path, constrained_path, text_path
from ocr_model.prefix import likely_text
from ocr_model.reading import Reading

_CERTAIN = 0.5
"""No other text can be likelier than one of this probability."""


def decode(
    log_probs: NDArray[np.float32],
    charset: Charset,
    constraint: Constraint = NO_CONSTRAINT,
    *,
    temperature: float = 1.0,
) -> Reading:
    """Read the likeliest text that the constraint allows, as far as the search finds it.

    Probabilities are conditional on the constraint's characters, exactly: other classes are
    masked and each column is normalised again. They are not conditional on its lengths.

    Args:
        log_probs: (T, C) natural logarithms; each column sums to one when exponentiated.
        charset: C - 1 characters.
        constraint: which texts are allowed; characters unknown to ``charset`` are ignored.
        temperature: what logits are divided by before probabilities are told; above 1 lowers the
            confidence. The answer itself does not depend on it.

    Raises:
        ConstraintError: the constraint leaves no character of ``charset``, or asks for more
            characters than T columns can hold.
    """
    allowed = allowed_classes(charset, constraint)
    if allowed is not None:
        log_probs = _normalised(log_probs[:, allowed])
    path, confidence = _likely_path(log_probs, constraint)
    classes, firsts = _merged(path)
    if temperature != 1.0:
        # After the answer is found: flattened columns make long texts likely that the network never meant.
        log_probs = _normalised(log_probs / temperature)
        confidence = text_probability(log_probs, classes)
    peaks = _peaks(log_probs, path, firsts)
    shown = classes if allowed is None else allowed[classes]
    return Reading(charset.decode(shown.tolist()), confidence, tuple(peaks.tolist()))


def _likely_path(log_probs: NDArray[np.float32], constraint: Constraint) -> tuple[NDArray[np.intp], float]:
    """Give the likeliest text found, as its best path (T,) and its probability; heed the constraint's lengths."""
    least, most = constraint.min_length or 0, constraint.max_length or len(log_probs)
    path = best_path(log_probs)
    classes, _ = _merged(path)
    probability = text_probability(log_probs, classes)
    if probability < _CERTAIN:
        other = likely_text(log_probs)
        if least <= len(other) <= most and (likelier := text_probability(log_probs, other)) > probability:
            return text_path(log_probs, other), likelier
    if least <= len(classes) <= most:
        return path, probability
    path = constrained_path(log_probs, least=least, most=most)
    return path, text_probability(log_probs, _merged(path)[0])


def label_probability(log_probs: NDArray[np.float32], charset: Charset, text: str) -> float:
    """Give the probability of a text that is known to be true, as the network tells it, uncalibrated.

    Args:
        log_probs: (T, C).
        charset: C - 1 characters.
        text: any; 0 where a character is unknown.
    """
    if not all(character in charset for character in text):
        return 0.0
    return text_probability(log_probs, np.array(charset.encode(text), dtype=np.intp))


def allowed_classes(charset: Charset, constraint: Constraint) -> NDArray[np.intp] | None:
    """Give the classes that ``constraint`` allows, the blank first; None if it allows all.

    Raises:
        ConstraintError: none of its characters is known.
    """
    if constraint.characters is None:
        return None
    known = [character for character in charset.characters if character in constraint.characters]
    if not known:
        named = "".join(sorted(constraint.characters))[:40]
        raise ConstraintError(f"charset ({named!r}) holds no character that the model knows.")
    return np.array([BLANK_INDEX, *charset.encode("".join(known))], dtype=np.intp)


def text_probability(log_probs: NDArray[np.float32], classes: NDArray[np.intp]) -> float:
    """Sum the probability of every path that reads as ``classes`` (the CTC forward algorithm).

    Args:
        log_probs: (T, C).
        classes: the text, without blanks.

    Returns:
        0..1, in double precision; a probability too small for it is 0.
    """
    labels = np.full(2 * len(classes) + 1, BLANK_INDEX, dtype=np.intp)
    labels[1::2] = classes
    steps = np.eye(len(labels)) + np.eye(len(labels), k=-1)
    # A blank may be left out between two characters unless they are the same.
    skips = 3 + 2 * np.flatnonzero(classes[1:] != classes[:-1])
    steps[skips, skips - 2] = 1
    emitted = np.exp(log_probs[:, labels].astype(np.float64))
    forward = np.zeros(len(labels))
    forward[:2] = emitted[0, :2]
    for column in emitted[1:]:
        forward = steps @ forward * column
    return float(min(1.0, forward[-2:].sum()))


def _normalised(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _merged(path: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the text's classes and the column at which each begins.

    Repeats are merged before blanks are dropped; the other way round "AA" could never be read.
    """
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    firsts = starts[path[starts] != BLANK_INDEX]
    return path[firsts], firsts


def _peaks(log_probs: NDArray[np.float32], path: NDArray[np.intp], firsts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give the highest probability of each character among the columns of its run."""
    if not len(firsts):
        return np.zeros(0)
    along = log_probs[np.arange(len(path)), path]
    along = np.where(path == BLANK_INDEX, -np.inf, along)
    return np.exp(np.maximum.reduceat(along, firsts).astype(np.float64))
