"""From log-probabilities per column to a text and its probability (CTC; Graves et al., 2006).

The answer is the text of the most probable *path*, or a likelier *text* where `ocr_model.prefix`
finds one: a text's probability, which is the confidence told, is the sum over all its paths. A length
that the free answer has already never changes it; else the best path of those lengths is searched.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import BLANK_INDEX, Charset
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.errors import ConstraintError
from ocr_model.path import best_path, constrained_path, text_path
from ocr_model.prefix import likely_text
from ocr_model.reading import Reading
from ocr_model.text_probability import text_probabilities, text_probability

_CERTAIN = 0.5
"""No other text can be likelier than one of this probability."""


def decode(
    log_probs: NDArray[np.float32],
    charset: Charset,
    constraint: Constraint = NO_CONSTRAINT,
    *,
    temperature: float = 1.0,
) -> Reading:
    """Read one image's columns; see `decode_all`."""
    return decode_all([log_probs], charset, [constraint], [temperature])[0]


def decode_all(
    columns: Iterable[NDArray[np.float32]],
    charset: Charset,
    constraints: Sequence[Constraint],
    temperatures: Sequence[float],
) -> list[Reading]:
    """Read the likeliest text of each image that its constraint allows, as far as the search finds it.

    Probabilities are conditional on the constraint's characters, exactly: other classes are
    masked and each column is normalised again. They are not conditional on its lengths.

    Args:
        columns: natural logarithms (T, C) of N images, T the same for all; each column sums to one when exponentiated.
        charset: C - 1 characters.
        constraints: which texts are allowed, N; characters unknown to ``charset`` are ignored.
        temperatures: what logits are divided by before probabilities are told, N; above 1 lowers the
            confidence. The answer itself does not depend on it.

    Raises:
        ConstraintError: a constraint leaves no character of ``charset``, or asks for more
            characters than T columns can hold.
    """
    columns = list(columns)
    allowed = [allowed_classes(charset, constraint) for constraint in constraints]
    given = [_conditional(each, classes) for each, classes in zip(columns, allowed, strict=True)]
    # For what is told, not for what is read: flattened columns make long texts likely that the network never meant.
    told = [_conditional(*each) for each in zip(columns, allowed, temperatures, strict=True)]
    paths, confidences = _likely_paths(given, told, constraints)
    readings = []
    for log_probs, path, confidence, classes in zip(told, paths, confidences, allowed, strict=True):
        text, firsts = _merged(path)
        shown = text if classes is None else classes[text]
        peaks = _peaks(log_probs, path, firsts)
        readings.append(Reading(charset.decode(shown.tolist()), confidence, tuple(peaks.tolist())))
    return readings


def _likely_paths(
    given: Sequence[NDArray[np.float32]], told: Sequence[NDArray[np.float32]], constraints: Sequence[Constraint]
) -> tuple[list[NDArray[np.intp]], list[float]]:
    """Give the best path (T,) of the likeliest text found of each image, heeding lengths, and what is told of the text.

    Args:
        given: (T, C) each, of the characters that the constraints allow.
        told: the same, of the temperature.
        constraints: their lengths.
    """
    paths = [best_path(log_probs) for log_probs in given]
    texts = [_merged(path)[0] for path in paths]
    probabilities, confidences = _probabilities(given, told, texts)
    doubtful = [image for image, probability in enumerate(probabilities) if probability < _CERTAIN]
    others = [likely_text(given[image]) for image in doubtful]
    likelier, of_others = _probabilities([given[i] for i in doubtful], [told[i] for i in doubtful], others)
    found = dict(zip(doubtful, zip(others, likelier, of_others, strict=True), strict=True))
    for image, (log_probs, constraint) in enumerate(zip(given, constraints, strict=True)):
        least, most = constraint.min_length or 0, constraint.max_length or len(log_probs)
        other, probability, confidence = found.get(image, (texts[image], 0.0, 0.0))
        if probability > probabilities[image] and least <= len(other) <= most:
            paths[image], confidences[image] = text_path(log_probs, other), confidence
        elif not least <= len(texts[image]) <= most:
            paths[image] = constrained_path(log_probs, least=least, most=most)
            confidences[image] = text_probability(told[image], _merged(paths[image])[0])
    return paths, confidences


def _probabilities(
    given: Sequence[NDArray[np.float32]], told: Sequence[NDArray[np.float32]], texts: Sequence[NDArray[np.intp]]
) -> tuple[list[float], list[float]]:
    """Give the texts' probabilities, as the network gave them and as they are told."""
    both = text_probabilities([*given, *told], [*texts, *texts]).tolist()
    return both[: len(texts)], both[len(texts) :]


def told_probabilities(
    columns: Iterable[NDArray[np.float32]],
    texts: Sequence[str],
    charset: Charset,
    constraints: Sequence[Constraint],
    temperatures: Sequence[float],
) -> list[float]:
    """Give the confidence that `decode_all` would tell if it read these texts.

    Args:
        columns: (T, C) of N images.
        texts: N, of characters that the constraints allow.
        charset: C - 1 characters.
        constraints: N.
        temperatures: N.

    Raises:
        ConstraintError: a constraint leaves no character of ``charset``.
    """
    allowed = [allowed_classes(charset, constraint) for constraint in constraints]
    classes = [np.array(charset.encode(text), dtype=np.intp) for text in texts]
    places = [c if a is None else np.searchsorted(a, c) for a, c in zip(allowed, classes, strict=True)]
    told = [_conditional(*each) for each in zip(columns, allowed, temperatures, strict=True)]
    confidences: list[float] = text_probabilities(told, places).tolist()
    return confidences


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


def _conditional(
    log_probs: NDArray[np.float32], allowed: NDArray[np.intp] | None, temperature: float = 1.0
) -> NDArray[np.float32]:
    """Give the columns (T, allowed classes), on condition that no other class comes."""
    if allowed is not None:
        log_probs = log_probs[:, allowed]
    elif temperature == 1.0:
        return log_probs
    return _normalised(log_probs / temperature)


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
