"""The most expensive image files that the limits let through, or should not: one builder each.

Large pictures of every format and mode, animations at the edge of their budget, and files whose
cost lies in their structure: thousands of passes, chunks, markers, blocks or tags.
"""

import functools
import io
import math
import struct
import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr_model.limits import ImageLimits

SIDE = math.isqrt(ImageLimits().max_pixels) // 4 * 4
"""Of the largest square picture allowed by default, in pixels."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode(image: Image.Image, file_format: str, **options: object) -> bytes:
    """A picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _noise(height: int, width: int, channels: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)


def _picture(side: int, channels: int) -> Image.Image:
    """A field of noise on white: as many pixels as allowed in less than the bytes allowed."""
    pixels = np.full((side, side, channels), 255, np.uint8)
    patch = _noise(side // 4, side // 4, channels)
    pixels[side // 4 : side // 4 * 2, side // 4 : side // 4 * 2] = patch
    return Image.fromarray(pixels)


def _coarse(side: int) -> Image.Image:
    """Noise everywhere, in blocks, so that a lossy format keeps it within the bytes allowed."""
    return Image.fromarray(np.kron(_noise(side // 4, side // 4, 3), np.ones((4, 4, 1), np.uint8)))


def _animation(file_format: str, side: int, count: int, **options: object) -> bytes:
    frames = []
    for number in range(count):
        pixels = np.full((side, side, 3 if file_format == "GIF" else 4), 255, np.uint8)
        left = number * 13 % (side // 2)
        patch = _noise(side // 4, side // 4, pixels.shape[2])
        pixels[side // 4 : side // 4 + patch.shape[0], left : left + patch.shape[1]] = patch
        frames.append(Image.fromarray(pixels))
    return encode(frames[0], file_format, save_all=True, append_images=frames[1:], **options)


def _jpeg_of_many_scans(scans: int) -> bytes:
    """A progressive JPEG in which one refinement is said again and again."""
    whole = encode(_picture(SIDE, 3), "JPEG", quality=30, progressive=True)
    starts = [at for at in range(len(whole) - 1) if whole[at : at + 2] == b"\xff\xda"]
    last = whole[starts[-1] : -2]
    return whole[:-2] + last[:400] * scans + b"\xff\xd9"


def _jpeg_of_many_segments(segments: int) -> bytes:
    whole = encode(_picture(200, 3), "JPEG")
    return whole[:2] + b"\xff\xfe\x00\x02" * segments + whole[2:]


def _png_with(chunks: bytes) -> bytes:
    whole = encode(_picture(200, 3), "PNG")
    return whole[:33] + chunks + whole[33:]


def _exif_of_many_tags(tags: int) -> bytes:
    entries = b"".join(struct.pack(">HHII", 0x8000 + n % 0x7000, 3, 1, n << 16) for n in range(tags))
    exif = b"MM\x00*\x00\x00\x00\x08" + struct.pack(">H", tags) + entries + bytes(4)
    return _png_with(png_chunk(b"eXIf", exif))


def _gif_of_many_blocks(blocks: int) -> bytes:
    whole = encode(_picture(200, 3), "GIF")
    first = 13 + (3 << ((whole[10] & 7) + 1))
    return whole[:first] + b"\x21\xfe" + b"\x01x" * blocks + b"\x00" + whole[first:]


def _gif_of_a_large_frame() -> bytes:
    """What the coverage-guided run found: a frame of 107 million pixels in a GIF that says it has 1,440."""
    frames = [Image.new("RGB", (60, 24), colour) for colour in ("white", "navy")]
    whole = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    second = whole.rindex(b"\x2c\x00\x00\x00\x00")
    return whole[: second + 5] + struct.pack("<HH", 10_000, 10_700) + whole[second + 9 :]


def _webp_of_a_large_canvas() -> bytes:
    frames = [Image.new("RGB", (60, 24), colour) for colour in ("white", "navy")]
    whole = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    return whole[:24] + (16_000).to_bytes(3, "little") * 2 + whole[30:]


def _bmp_of_runs(pairs: int) -> bytes:
    body = b"\x01\x01" * pairs + b"\x00\x01"
    info = struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 8, 1, len(body), 0, 0, 256, 0)
    palette = bytes(range(256)) * 4
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(body), 0, 0, 54 + 1024) + info + palette + body


BUILDERS: dict[str, Callable[[], bytes]] = {
    "png rgb": lambda: encode(_picture(SIDE, 3), "PNG", compress_level=1),
    "png rgba": lambda: encode(_picture(SIDE, 4), "PNG", compress_level=1),
    "png palette": lambda: encode(_picture(SIDE, 3).quantize(64), "PNG"),
    "png 16 bit": lambda: encode(Image.fromarray(np.full((SIDE, SIDE), 9_999, np.uint16)), "PNG"),
    "jpeg": lambda: encode(_coarse(SIDE), "JPEG", quality=60),
    "jpeg progressive": lambda: encode(_coarse(SIDE), "JPEG", quality=60, progressive=True),
    "webp lossless rgba": lambda: encode(_picture(SIDE, 4), "WEBP", lossless=True, method=0),
    "webp lossy": lambda: encode(_coarse(SIDE), "WEBP", quality=50),
    "bmp": lambda: encode(_picture(1_000, 3), "BMP"),
    "bmp palette": lambda: encode(_picture(SIDE, 3).quantize(64), "BMP"),
    **{
        f"{file_format} animation, {side} pixels a side": functools.partial(_animation, file_format, side, count)
        for file_format in ("GIF", "PNG", "WEBP")
        for side, count in ((170, 64), (500, 16), (1_000, 2), (1_400, 2))
    },
    "jpeg of many scans": lambda: _jpeg_of_many_scans(5_000),
    "jpeg of as many scans as allowed": lambda: _jpeg_of_many_scans(20),
    "jpeg of many segments": lambda: _jpeg_of_many_segments(700_000),
    "png of many chunks": lambda: _png_with(png_chunk(b"tEXt", b"a\0b") * 190_000),
    "png of many packed texts": lambda: _png_with(png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 20))) * 60),
    "png of many exif tags": lambda: _exif_of_many_tags(65_000),
    "gif of many blocks": lambda: _gif_of_many_blocks(1_400_000),
    "gif of a large frame": _gif_of_a_large_frame,
    "webp of a large canvas": _webp_of_a_large_canvas,
    "bmp of many runs": lambda: _bmp_of_runs(1_500_000),
    "bmp of as many runs as allowed": lambda: _bmp_of_runs(32_000),
}
"""By name; each makes one file."""
