"""New examples out of the posted ones: their characters cut out and put together anew.

A few dozen pictures show each character in a few places only, and a network learns the place with the
shape. Characters moved between pictures of one kind are seen everywhere (as CutMix does with patches;
Yun et al., 2019, arXiv:1905.04899). Where they lie is told by the network itself: the most probable
CTC path of each picture's own label.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr_model.charset import BLANK_INDEX
from ocr_model.network_config import TIME_STEPS
from ocr_model.normalise import INPUT
from ocr_model.path import text_path
from train.finetune.examples import columns_needed

_COLUMN_PX = INPUT.width / TIME_STEPS
_HALVES = 0.5
"""Share of pictures made of two halves; the others take each character from anywhere."""

_OWN = 0.3
"""Share of the characters that stay in their place where each may come from anywhere."""

_SEEN = 0.1
_SEEN_SHARE = 0.6
"""Probability from which a character counts as seen where the label wants it, and the share that must be seen."""

Picture = tuple[NDArray[np.uint8], list[int]]
"""A picture, uint8 (48, 160, 3), and the classes of its text."""


class Splicer:
    """Makes a new picture of a row's kind at each call.

    Args:
        pixels: uint8 (N, 48, 160, 3).
        texts: the classes of each picture's text.
        bounds: by row, of the characters of each picture that can be cut, as `character_bounds` gives them.
    """

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        texts: Sequence[list[int]],
        bounds: Mapping[int, NDArray[np.int64]],
    ) -> None:
        self._pixels = pixels
        self._texts = texts
        self._bounds = bounds
        self._rows = list(bounds)
        self._pieces = [(row, place) for row in self._rows for place in range(len(texts[row]))]

    def splice(self, row: int, rng: np.random.Generator) -> Picture:
        """Put a picture together from the ends of ``row`` and characters of any; ``row`` itself if it has no bounds."""
        bounds, text = self._bounds.get(row), self._texts[row]
        if bounds is None:
            return self._pixels[row], text
        pieces = self._halves(row, rng) if rng.random() < _HALVES else self._anything(row, rng)
        spliced = [self._texts[other][place] for other, place in pieces]
        if columns_needed(spliced) > TIME_STEPS:
            return self._pixels[row], text
        own = self._pixels[row]
        middle = [self._piece(other, place) for other, place in pieces]
        whole = np.concatenate([own[:, : bounds[0]], *middle, own[:, bounds[-1] :]], axis=1)
        size = (INPUT.width, INPUT.height)
        return np.asarray(Image.fromarray(whole).resize(size, Image.Resampling.BILINEAR)), spliced

    def _halves(self, row: int, rng: np.random.Generator) -> list[tuple[int, int]]:
        """The first characters of ``row`` and the last of another picture, as many as ``row`` has or fewer."""
        count = len(self._texts[row])
        other = self._rows[rng.integers(len(self._rows))]
        kept = int(rng.integers(1, count))
        others = len(self._texts[other])
        first = max(0, others - (count - kept))
        return [(row, place) for place in range(kept)] + [(other, place) for place in range(first, others)]

    def _anything(self, row: int, rng: np.random.Generator) -> list[tuple[int, int]]:
        return [
            (row, place) if rng.random() < _OWN else self._pieces[rng.integers(len(self._pieces))]
            for place in range(len(self._texts[row]))
        ]

    def _piece(self, row: int, place: int) -> NDArray[np.uint8]:
        start, end = self._bounds[row][place : place + 2]
        piece: NDArray[np.uint8] = self._pixels[row][:, start:end]
        return piece


def character_bounds(log_probs: NDArray[np.float32], text: Sequence[int]) -> NDArray[np.int64] | None:
    """Find where the characters of a picture begin and end.

    Args:
        log_probs: (T, C) of the picture.
        text: the classes of its characters; columns must be enough for them.

    Returns:
        Pixel columns, (characters + 1,), rising; None if there are fewer than two characters, or the
        network does not see most of them, so that it cannot tell where they are.
    """
    if len(text) < 2:
        return None
    path = text_path(log_probs, np.asarray(text, dtype=np.intp))
    edges = np.flatnonzero(np.diff(path, prepend=BLANK_INDEX, append=BLANK_INDEX))
    # Runs of one class between two edges; CTC peaks near the middle of each character.
    runs = [(start, end) for start, end in pairwise(edges) if path[start] != BLANK_INDEX]
    peaks = np.array([log_probs[start:end, path[start]].max() for start, end in runs])
    if (peaks >= math.log(_SEEN)).mean() < _SEEN_SHARE:
        return None
    middles = np.array([(start + end) / 2 for start, end in runs]) * _COLUMN_PX
    between = (middles[1:] + middles[:-1]) / 2
    half = np.median(np.diff(middles)) / 2
    bounds = np.rint(np.concatenate([[middles[0] - half], between, [middles[-1] + half]])).astype(np.int64)
    inside: NDArray[np.int64] = bounds.clip(0, INPUT.width)
    return inside
