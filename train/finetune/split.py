"""Which examples are held out: enough for a verdict, spread over lengths and characters."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

_SHARE = 0.2
_MOST_OF_SMALL = 0.3
_FEWEST, _MOST = 10, 500
_ERRORS_WANTED = 2
"""Held-out images that the serving model should misread: of none, none can be gained. How sure the gain is shows in the
probability of all texts, so that more of them would only be missing where they are learnt from."""


def held_out_count(examples: int, *, misread: float) -> int:
    """Say how many examples to hold out: a fifth, or up to three tenths where the serving model errs seldom.

    Args:
        examples: usable ones.
        misread: share of them that the serving model misreads, 0..1.
    """
    wanted = max(_FEWEST, _SHARE * examples, _ERRORS_WANTED / max(misread, 1e-9))
    return min(round(min(wanted, max(_SHARE, _MOST_OF_SMALL) * examples)), _MOST)


def hold_out(
    labels: Sequence[str], *, count: int, seed: int, right: Sequence[bool], new: frozenset[str]
) -> tuple[list[int], list[int]]:
    """Split examples into those trained on and those held out.

    Every k-th example is held out of an order by whether the serving model reads it, length and
    first character, so that each kind is held out in proportion.

    Args:
        labels: of all examples.
        count: how many to hold out; fewer are if a new character would be in no trained example.
        seed: of the order among the like.
        right: whether the serving model reads each rightly; unread ones count as wrong.
        new: characters that the serving model does not know.

    Returns:
        Rows to train on and rows held out, both ascending.
    """
    chance = np.random.default_rng(seed).random(len(labels))
    order = sorted(range(len(labels)), key=lambda i: (right[i], len(labels[i]), labels[i][:1], chance[i]))
    first = float(np.random.default_rng([seed, 1]).random())
    held = {order[math.floor((i + first) * len(order) / count)] for i in range(count)} if count else set()
    trained = Counter(c for i, label in enumerate(labels) if i not in held for c in set(label) & new)
    for i in sorted(held, key=lambda i: chance[i]):
        missing = [c for c in set(labels[i]) & new if not trained[c]]
        if missing:
            held.remove(i)
            trained.update(set(labels[i]) & new)
    return [i for i in range(len(labels)) if i not in held], sorted(held)
