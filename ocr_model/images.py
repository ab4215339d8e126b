"""From the bytes of an image file to RGB pixels that show its ink."""

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from ocr_model.errors import ImageError, ImageFault
from ocr_model.frames import merge_frames
from ocr_model.limits import ImageLimits
from ocr_model.modes import plain
from ocr_model.structure import check_structure
from ocr_model.transparency import flatten

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
"""All that is ever tried: Pillow's rarer decoders are its least watched ones."""

DEFAULT_LIMITS = ImageLimits()

# Python keeps every text that it was ever warned with, and Pillow's hold numbers from the file: whoever sends
# files with ever other numbers in them would fill the memory. What matters of them is checked here.
warnings.filterwarnings("ignore", module=r"PIL\.")

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By EXIF orientation (CIPA DC-008, tag 274)."""


def decode_image(data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> NDArray[np.uint8]:
    """Decode PNG, JPEG, GIF, BMP or WebP to upright, opaque RGB.

    Transparent pictures are laid on a background that shows their ink, and the frames of
    animations merged, as `ocr_model.transparency` and `ocr_model.frames` say. Of an animation
    at most `max_frames` frames and `max_animation_pixels` pixels are read.

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
    check_structure(data, limits.max_pixels)
    # Pillow's own bound, of the whole process: twice this is an error, before anything is allocated. A GIF's
    # frames may grow the picture after its size was checked, in ways that no walk of ours foresees all of.
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.width, image.height, limits)
            return _pixels(image, limits)
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


def _pixels(image: Image.Image, limits: ImageLimits) -> NDArray[np.uint8]:
    if not getattr(image, "is_animated", False):
        image.load()
        return flatten([_upright(plain(image), _orientation(image))])[0]
    orientation = _orientation(image)
    count = max(1, min(limits.max_frames, limits.max_animation_pixels // (image.width * image.height)))
    frames = []
    for index in range(count):
        try:
            image.seek(index)
        except EOFError:
            break
        _check_size(image.width, image.height, limits)
        frames.append(_upright(plain(image), orientation))
    return merge_frames(flatten(frames))


def _orientation(image: Image.Image) -> Image.Transpose | None:
    """Read from the EXIF data how to turn the picture upright."""
    try:
        return _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    # Damaged EXIF data says nothing of the pixels, which are still good.
    except Exception:  # noqa: BLE001
        return None


def _upright(image: Image.Image, orientation: Image.Transpose | None) -> Image.Image:
    return image if orientation is None else image.transpose(orientation)
