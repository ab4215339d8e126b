"""A second look at what was read with doubt: the image turned and enlarged a little, and the likelier of both texts.

A network that was seldom wrong on images like those it learnt from is unsure of others, and what it errs in hangs on
chance; two looks seldom err alike (test-time augmentation; Krizhevsky et al., 2012, section 4.1). Which look, and how
much it brings, is measured in docs/decisions/0025-a-second-look.md.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr_model.charset import Charset
from ocr_model.constraint import Constraint
from ocr_model.ctc import told_probabilities
from ocr_model.normalise import edge_colour
from ocr_model.reading import Reading
from ocr_model.session import Output

_TURNED = math.radians(3)
_ENLARGED = 1.07


def turned(batch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn images by three degrees against the clock and enlarge them by seven per cent, about their middle.

    Args:
        batch: (N, height, width, 3); what comes in at the corners is of the median colour of the edges.
    """
    return np.stack([_turned(pixels) for pixels in batch])


def _turned(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width, _ = pixels.shape
    across, down = math.cos(_TURNED) / _ENLARGED, math.sin(_TURNED) / _ENLARGED
    x, y = width / 2, height / 2
    # From places in the result to places in the picture.
    matrix = (across, -down, x - across * x + down * y, down, across, y - down * x - across * y)
    fill = tuple(edge_colour(pixels).tolist())
    image = Image.fromarray(pixels)
    return np.asarray(
        image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=fill)
    )


def likelier_of_two(
    readings: Sequence[tuple[Reading, Reading]],
    outputs: tuple[Output, Output],
    charset: Charset,
    constraints: Sequence[Constraint],
) -> list[Reading]:
    """Give, for each of N images, the text that both looks together hold the likelier.

    Its confidence is the mean of what both say of it; its characters' are those of the look that read it, the mean
    if both did. Where another network took the second look, since the router saw another image, the first counts.

    Args:
        readings: from the first look and the second.
        outputs: what they were read from, N images each.
        charset: of the model.
        constraints: that the readings meet.
    """
    first, second = outputs
    texts = [one.text for one, _ in readings] + [other.text for _, other in readings]
    told = told_probabilities(
        [*first.columns] * 2 + [*second.columns] * 2,
        texts * 2,
        charset,
        [*constraints] * 4,
        first.temperatures * 2 + second.temperatures * 2,
    )
    # By look, text and image.
    mean = np.array(told).reshape(2, 2, -1).mean(axis=0)
    alike = first.by_expert == second.by_expert
    return [
        _together(pair, confidences) if same else pair[0]
        for pair, confidences, same in zip(readings, mean.T.tolist(), alike, strict=True)
    ]


def _together(pair: tuple[Reading, Reading], confidences: Sequence[float]) -> Reading:
    first, second = pair
    if first.text == second.text:
        both = zip(first.character_confidences, second.character_confidences, strict=True)
        return Reading(first.text, confidences[0], tuple((one + other) / 2 for one, other in both))
    chosen = int(confidences[1] > confidences[0])
    return Reading(pair[chosen].text, confidences[chosen], pair[chosen].character_confidences)
