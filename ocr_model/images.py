"""From the bytes of an image file to RGB pixels that show its ink."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ocr_model.errors import ImageError, ImageFault
from ocr_model.limits import ImageLimits

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
"""All that is ever tried: Pillow's rarer decoders are its least watched ones."""

DEFAULT_LIMITS = ImageLimits()


def decode_image(data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> NDArray[np.uint8]:
    """Decode PNG, JPEG, GIF, BMP or WebP to upright, opaque RGB.

    Args:
        data: the whole file.
        limits: what is refused, mostly by the header alone.

    Returns:
        (H, W, 3) RGB.

    Raises:
        ImageError: and nothing else.
    """
    if not data:
        raise ImageError(ImageFault.EMPTY, "The image is empty (zero bytes).")
    if len(data) > limits.max_bytes:
        raise ImageError(
            ImageFault.TOO_LARGE, f"The image has {len(data)} bytes; at most {limits.max_bytes} are allowed."
        )
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.width, image.height, limits)
            return _pixels(image)
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise ImageError(
            ImageFault.TOO_LARGE, f"The image has more than {limits.max_pixels} pixels, the most allowed."
        ) from e
    except UnidentifiedImageError as e:
        raise ImageError(ImageFault.NOT_IMAGE, "The data is not a PNG, JPEG, GIF, BMP or WebP image.") from e
    # Pillow's decoders raise nearly every built-in error on damaged files.
    except Exception as e:
        raise ImageError(ImageFault.NOT_IMAGE, "The image is damaged or cut off.") from e


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    size = f"The image has {width} x {height} pixels"
    if max(width, height) > limits.max_side:
        raise ImageError(ImageFault.TOO_LARGE, f"{size}; at most {limits.max_side} a side are allowed.")
    if width * height > limits.max_pixels:
        raise ImageError(ImageFault.TOO_LARGE, f"{size}; at most {limits.max_pixels} in all are allowed.")
    if min(width, height) < limits.min_side:
        raise ImageError(ImageFault.NOT_IMAGE, f"{size}; at least {limits.min_side} a side are needed.")


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
