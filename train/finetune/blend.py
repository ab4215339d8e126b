"""Between what a network knew and what it has learnt: weights averaged by share.

On the straight line between a network and its fine-tuned copy lie networks that keep most of what
both can do (WiSE-FT; Wortsman et al., 2022, arXiv:2109.01903). A character that only the copy has
learnt has no other end of the line: its output row, which began as the mean of all others, is the
copy's whole.
"""

import functools
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from ocr_model.network import Recogniser

Candidate = TypeVar("Candidate")

_OUTPUT = ("classify.weight", "classify.bias")


def blended(before: Recogniser, after: Recogniser, share: float, *, known: int) -> Recogniser:
    """Give a network with ``share`` of the weights' way from ``before`` to ``after``; both are left as they are.

    Args:
        before: the parent, grown to the classes of ``after``.
        after: the learnt network.
        share: 0..1.
        known: classes that the parent had before it grew, the blank included.
    """
    network = Recogniser(after.classes, after.config)
    ends: dict[str, Tensor] = after.state_dict()
    state = {
        name: torch.lerp(tensor, ends[name].to(tensor), share) if tensor.is_floating_point() else ends[name]
        for name, tensor in before.state_dict().items()
    }
    for name in _OUTPUT:
        state[name][known:] = ends[name][known:]
    network.load_state_dict(state)
    return network.eval()


def choose_blend(
    towards: Callable[[float], Candidate],
    forgotten: Callable[[Candidate], float],
    *,
    shares: Sequence[float],
    margin_points: float,
) -> tuple[Candidate, float]:
    """Go as far as drawn images are read no worse than before, but for a margin.

    The posted images have no say in it, so that those held out judge it fairly. What is forgotten is
    taken to grow with the share, so that the share is found in a few measurings.

    Args:
        towards: gives the candidate that has a share of what was learnt.
        forgotten: how much worse a candidate reads drawn images, seen by neither, in percentage points.
        shares: the largest first; the last is taken if none is good enough.
        margin_points: percentage points that they may be read worse by.

    Returns:
        The candidate, and its share.
    """
    towards = functools.cache(towards)
    found = shares[
        bisect_left(shares, True, hi=len(shares) - 1, key=lambda share: forgotten(towards(share)) <= margin_points)
    ]
    return towards(found), found
