"""One picture from the frames of an animation, such that text spread over them can be read."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_INK_DISTANCE = 40
"""Steps, summed over channels, from a frame's background at which a pixel counts as ink."""

_WINDOW_OF_WIDTH = 0.08
"""Width over which ink is summed, in shares of the picture's: about half a character."""

_KEPT_OF_INK = 0.5
"""Share of the most ink that any frame has at a place which a picture must keep there."""

_SMEARED = 1.05

_NEGLIGIBLE_INK = 0.1
"""Ink that may go missing anywhere, in shares of the most ink at any place: what noise there is left."""


def merge_frames(frames: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Merge frames into the plainest picture that loses no text.

    Of these, the first whose ink, place by place along the width, is no less than half of the
    most that any frame has there: the median of the frames (it removes moving noise and moving
    backgrounds), the frame with the most ink (text that moves or builds up). Text that is
    spread over frames passes neither; then each pixel is taken from the frame in which it
    differs most from that frame's background, the median of its edge.

    Args:
        frames: (H, W, 3) RGB of one shape, at least one.

    Returns:
        (H, W, 3) RGB.
    """
    distinct = [frame for i, frame in enumerate(frames) if i == 0 or not np.array_equal(frame, frames[i - 1])]
    if len(distinct) == 1:
        return distinct[0]
    stack = np.stack(distinct)
    distances = np.stack([_distance(frame) for frame in distinct])
    inks = np.stack([_ink_along(distance) for distance in distances])
    most = inks.max(axis=0)
    if len(distinct) > 2:
        median: NDArray[np.uint8] = np.median(stack, axis=0).astype(np.uint8)
        ink = _ink_along(_distance(median))
        # More ink than any frame has is the smear of text that moves.
        if _keeps(ink, most) and ink.sum() <= _SMEARED * inks.sum(axis=1).max():
            return median
    fullest = int(inks.sum(axis=1).argmax())
    if _keeps(inks[fullest], most):
        return distinct[fullest]
    farthest = distances.argmax(axis=0)
    merged: NDArray[np.uint8] = np.take_along_axis(stack, farthest[None, :, :, None], axis=0)[0]
    return merged


def _distance(frame: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Give each pixel's distance (H, W) from the frame's background, summed over channels."""
    edge = np.concatenate([frame[0], frame[-1], frame[:, 0], frame[:, -1]])
    background = np.median(edge, axis=0).astype(np.int16)
    distance: NDArray[np.int16] = np.abs(frame.astype(np.int16) - background).sum(axis=2, dtype=np.int16)
    return distance


def _ink_along(distance: NDArray[np.int16]) -> NDArray[np.float64]:
    """Count the ink (W,) around each column; a pixel beside fewer than two others is noise."""
    ink = (distance > _INK_DISTANCE).astype(np.uint8)
    rows = np.pad(ink, ((1, 1), (0, 0)))
    three_high = np.pad(rows[:-2] + rows[1:-1] + rows[2:], ((0, 0), (1, 1)))
    around = three_high[:, :-2] + three_high[:, 1:-1] + three_high[:, 2:]
    strokes = np.count_nonzero(ink & (around >= 3), axis=0)
    window = max(1, round(ink.shape[1] * _WINDOW_OF_WIDTH))
    return np.convolve(strokes, np.ones(window), mode="same")


def _keeps(ink: NDArray[np.float64], most: NDArray[np.float64]) -> bool:
    return bool((ink >= _KEPT_OF_INK * most - _NEGLIGIBLE_INK * most.max()).all())
