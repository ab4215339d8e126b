"""From any picture to the network's fixed input; the same function trains and serves."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr_model.borders import content_box


class InputSpec(NamedTuple):
    """Shape of the network's input, in pixels; rows first, RGB."""

    height: int = 48
    width: int = 160
    channels: int = 3

    @property
    def shape(self) -> tuple[int, int, int]:
        """The spec as (height, width, channels)."""
        return (self.height, self.width, self.channels)


INPUT = InputSpec()

MAX_STRETCH = 2.0
"""How far the aspect may be stretched before the picture is padded instead: a crop of one
character must not be smeared over the whole width, nor a thin strip over the whole height."""

_REDUCE_TO = 2
"""Pictures larger than this many times the input are first box-averaged by a whole factor,
which is many times cheaper than filtering them and keeps thin strokes."""


def normalise(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Trim uniform borders and resize, antialiased, to the input of the network.

    Colours are kept: text and background may differ in hue alone. Light on dark stays so; the
    network learns both.

    Args:
        rgb: (H, W, 3) RGB, H and W at least 1.

    Returns:
        (48, 160, 3) RGB; the same for the same ``rgb``.
    """
    image = Image.fromarray(rgb)
    factor = min(image.height // (_REDUCE_TO * INPUT.height), image.width // (_REDUCE_TO * INPUT.width))
    if factor >= 2:
        image = image.reduce(factor)
    box = content_box(np.asarray(image))
    width, height = _target_size(box[2] - box[0], box[3] - box[1])
    resized = image.resize((width, height), Image.Resampling.BILINEAR, box=box)
    pixels = np.asarray(resized)
    if (width, height) == (INPUT.width, INPUT.height):
        return pixels.copy() if not pixels.flags.writeable else pixels
    return _padded(pixels)


def _target_size(width: int, height: int) -> tuple[int, int]:
    """Give the size within the input that a picture of ``width`` x ``height`` is resized to."""
    stretch = (INPUT.width / width) / (INPUT.height / height)
    if stretch > MAX_STRETCH:
        return max(1, round(INPUT.width * MAX_STRETCH / stretch)), INPUT.height
    if stretch < 1 / MAX_STRETCH:
        return INPUT.width, max(1, round(INPUT.height * MAX_STRETCH * stretch))
    return INPUT.width, INPUT.height


def edge_colour(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give the median colour (3,) of the four edges of ``pixels``, (H, W, 3)."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour: NDArray[np.uint8] = np.median(edge, axis=0).astype(np.uint8)
    return colour


def _padded(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Centre ``pixels`` on a canvas of the median colour of their edge."""
    height, width, _ = pixels.shape
    canvas = np.empty(INPUT.shape, dtype=np.uint8)
    canvas[:] = edge_colour(pixels)
    top, left = (INPUT.height - height) // 2, (INPUT.width - width) // 2
    canvas[top : top + height, left : left + width] = pixels
    return canvas
