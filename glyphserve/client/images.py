"""Images as callers have them, and as requests carry them."""

import base64
import os
from pathlib import Path

ImageFile = bytes | str | os.PathLike[str]
"""An image file: its bytes, or where it lies."""


def image_bytes(image: ImageFile) -> bytes:
    """The file's bytes.

    Raises:
        OSError: it cannot be read.
    """
    return image if isinstance(image, bytes) else Path(image).read_bytes()


def as_base64(image: ImageFile) -> str:
    """The file's bytes in base64; raises OSError if it cannot be read."""
    return base64.b64encode(image_bytes(image)).decode("ascii")
