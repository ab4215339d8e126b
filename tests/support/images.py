"""Small real image files for tests."""

import base64
import io
import struct
import zlib

from PIL import Image, ImageDraw


def png(text: str = "42", size: tuple[int, int] = (60, 24)) -> bytes:
    """A PNG that shows ``text`` black on white in Pillow's own font."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((4, 2), text, fill="black", font_size=size[1] - 8)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG file whose header claims another size, its checksum right (PNG, RFC 2083)."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + png()[33:]


def png_base64(text: str = "42", size: tuple[int, int] = (60, 24)) -> str:
    """The same in base64."""
    return base64.b64encode(png(text, size)).decode()
