"""Puts together what a network says of the two ends of a picture that overlap."""

import numpy as np

from ocr_model.charset import BLANK_INDEX
from ocr_model.session import Output

_ASIDE = 0.02
"""What each column away from the middle of the overlap costs, as a logarithm: an end is read worst at its edges."""


def joined(left: Output, right: Output, *, later: int) -> Output:
    """Join the columns of both ends where both are sure that there is no character.

    Args:
        left: of the left ends, N images, T columns each.
        right: of the right ends, likewise.
        later: columns by which the right ends begin after the left ones, 0 to T - 1.

    Returns:
        T + later columns an image. It counts as an expert's where one has read either end.
    """
    shared = left.columns.shape[1] - later
    blank = left.columns[:, later:, BLANK_INDEX] + right.columns[:, :shared, BLANK_INDEX]
    from_middle = np.abs(np.arange(shared) - (shared - 1) / 2)
    # The last column of the left end that counts, among the shared ones.
    seams = (blank - _ASIDE * from_middle).argmax(axis=1)
    columns = [
        np.concatenate([begins[: later + seam + 1], ends[seam + 1 :]])
        for begins, ends, seam in zip(left.columns, right.columns, seams, strict=True)
    ]
    return Output(np.stack(columns), left.temperatures, left.by_expert | right.by_expert)
