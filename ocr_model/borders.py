"""Where a picture's content ends and its uniform borders begin."""

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels; right and bottom are exclusive."""

_MAX_TOLERANCE = 10
"""A line counts as uniform if no channel spans more than this: noise far from ink in a JPEG does not."""

_MIN_TOLERANCE = 4
_TOLERANCE_OF_RANGE = 0.12
"""Faint text must not pass for noise: the tolerance shrinks with the picture's own contrast."""

_MARGIN_OF_HEIGHT = 0.08
"""Share of the content's height that is left around it, where the border has one colour."""

_MIN_SIDE = 4
_PASSES = 3
"""Letterbox, drawn frame, margin: each pass of rows and columns can peel one of them."""

_DOWN, _ACROSS = 1, 2
"""Axes of (channels, H, W)."""


def content_box(rgb: NDArray[np.uint8]) -> Box:
    """Find the box that is left when uniform rows and columns are peeled from each side.

    Peels letterboxes, drawn frames and empty margins, whatever their colours, then gives back
    a small margin. A picture without any content, or with less than a few pixels of it, is
    left whole.

    Args:
        rgb: (H, W, 3).
    """
    height, width, _ = rgb.shape
    whole = (0, 0, width, height)
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
    high, low = planes.max(axis=_ACROSS), planes.min(axis=_ACROSS)
    contrast = int((high.max(axis=1).astype(np.int16) - low.min(axis=1)).max())
    tolerance = min(_MAX_TOLERANCE, max(_MIN_TOLERANCE, int(contrast * _TOLERANCE_OF_RANGE)))
    top, bottom = _busy(high, low, tolerance)
    left, right = 0, width
    if bottom - top < _MIN_SIDE:
        return whole
    # Columns and rows in turns: what one leaves as it is, the other has been through.
    for turn in range(1, 2 * _PASSES):
        axis = _DOWN if turn % 2 else _ACROSS
        inner = planes[:, top:bottom, left:right]
        first, last = _busy(inner.max(axis=axis), inner.min(axis=axis), tolerance)
        if last - first < _MIN_SIDE:
            return whole
        if last - first == inner.shape[3 - axis]:
            break
        if axis == _DOWN:
            left, right = left + first, left + last
        else:
            top, bottom = top + first, top + last
    return _with_margin(planes, (left, top, right, bottom), tolerance)


def _busy(high: NDArray[np.uint8], low: NDArray[np.uint8], tolerance: int) -> tuple[int, int]:
    """Give the first and one past the last line, (channels, lines), whose extremes lie apart; two zeros if none do."""
    busy = np.flatnonzero((high - low).max(axis=0) > tolerance)
    return (int(busy[0]), int(busy[-1]) + 1) if busy.size else (0, 0)


def _with_margin(planes: NDArray[np.uint8], box: Box, tolerance: int) -> Box:
    left, top, right, bottom = box
    _, height, width = planes.shape
    margin = max(1, round(_MARGIN_OF_HEIGHT * (bottom - top)))
    rows, columns = planes[:, :, left:right], planes[:, top:bottom, :].transpose(0, 2, 1)
    return (
        left - _same_colour(columns[:, max(0, left - margin) : left][:, ::-1], tolerance),
        top - _same_colour(rows[:, max(0, top - margin) : top][:, ::-1], tolerance),
        min(width, right + _same_colour(columns[:, right : right + margin], tolerance)),
        min(height, bottom + _same_colour(rows[:, bottom : bottom + margin], tolerance)),
    )


def _same_colour(lines: NDArray[np.uint8], tolerance: int) -> int:
    """Count how many of ``lines`` (channels, lines, pixels), nearest first, share one colour."""
    if lines.shape[1] == 0:
        return 0
    high = np.maximum.accumulate(lines.max(axis=2), axis=1)
    low = np.minimum.accumulate(lines.min(axis=2), axis=1)
    return int(np.count_nonzero((high - low).max(axis=0) <= tolerance))
