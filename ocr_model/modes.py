"""From Pillow's pixel modes to RGB, or RGBA where anything is transparent."""

import numpy as np
from PIL import Image

_DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "F")


def plain(image: Image.Image) -> Image.Image:
    """Convert a loaded picture of any mode to a new RGB or RGBA one.

    Grey of more than 8 bits is shifted down by as many bits as its brightest pixel has beyond
    8; Pillow itself would clip it to white.
    """
    if image.mode in _DEEP_MODES:
        return _shallow(image)
    # Straight to RGBA: by way of RGB or L, Pillow drops or misreads what a palette says of alpha.
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _shallow(image: Image.Image) -> Image.Image:
    levels = np.asarray(image).astype(np.int64).clip(0)
    shift = max(0, int(levels.max()).bit_length() - 8)
    grey = Image.fromarray((levels >> shift).astype(np.uint8))
    transparent = image.info.get("transparency")
    if not isinstance(transparent, int):
        return grey.convert("RGB")
    result = grey.convert("RGBA")
    result.putalpha(Image.fromarray(np.where(levels == transparent, 0, 255).astype(np.uint8)))
    return result
