"""Files whose structure, not their pixels, would take long to read are refused before a decoder sees them.

Pillow walks chunks, markers and blocks in Python, and a file within every limit on bytes and pixels
may hold a million of them, or a picture in thousands of passes. The bounds here are many times what
encoders write, and each walk stops at its bound. Two formats also have their true size looked up: a
GIF's frame may be larger than the GIF says it is, and WebP's library allocates the picture on opening.
"""

import re
import struct

from ocr_model.errors import ImageError, ImageFault

_PNG_CHUNKS = 4_096
"""Encoders write one a frame and one for every 8 to 64 KiB."""

_PNG_PACKED_CHUNKS = 16
"""Of compressed text and profiles, each of which Pillow inflates to at most a mebibyte."""

_JPEG_SEGMENTS = 1_024
_JPEG_SCANS = 32
"""Progressive files have about ten; each costs a pass over all of the picture."""

_GIF_BLOCKS = 20_000
"""Encoders write blocks of 255 bytes: 12,400 of them in a file of 3 MiB."""

_BMP_RLE_BYTES = 64 * 1024
"""Pillow unpacks run lengths in Python, about a microsecond each."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
_PACKED = frozenset({b"zTXt", b"iTXt", b"iCCP"})
_RLE = frozenset({1, 2})


def check_structure(data: bytes, max_pixels: int) -> None:
    """Refuse a file of too many parts, or with a part of too many pixels.

    What is damaged passes: decoders say better what is wrong with it.

    Args:
        data: the whole file, of any format.
        max_pixels: of a frame and of the picture.

    Raises:
        ImageError: the fault is TOO_LARGE; the message names what there is too much of, and the limit.
    """
    if data.startswith(_PNG_SIGNATURE):
        _check_png(data)
    elif data.startswith(b"\xff\xd8"):
        _check_jpeg(data)
    elif data.startswith(b"GIF8"):
        _check_gif(data, max_pixels)
    elif data.startswith(b"BM"):
        _check_bmp(data)
    elif data[8:16] == b"WEBPVP8X" and len(data) >= 30:
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        _refuse_above(max_pixels, width * height, "pixels")


def _check_png(data: bytes) -> None:
    position, chunks, packed = len(_PNG_SIGNATURE), 0, 0
    while position + 8 <= len(data):
        (length,), kind = struct.unpack_from(">I", data, position), data[position + 4 : position + 8]
        chunks += 1
        packed += kind in _PACKED
        _refuse_above(_PNG_CHUNKS, chunks, "chunks")
        _refuse_above(_PNG_PACKED_CHUNKS, packed, "compressed text chunks")
        position += 12 + length


def _check_jpeg(data: bytes) -> None:
    position, segments, scans = 2, 0, 0
    while found := _JPEG_MARKER.search(data, position):
        marker = data[found.start() + 1]
        segments += 1
        scans += marker == _START_OF_SCAN
        _refuse_above(_JPEG_SEGMENTS, segments, "segments")
        _refuse_above(_JPEG_SCANS, scans, "scans")
        if marker == _END_OF_IMAGE or found.end() + 2 > len(data):
            return
        (length,) = struct.unpack_from(">H", data, found.end())
        position = found.end() + max(2, length)


def _check_gif(data: bytes, max_pixels: int) -> None:
    if len(data) < 13:
        return
    position, blocks = 13 + _gif_palette_bytes(data[10]), 0
    while position < len(data):
        introducer = data[position]
        if introducer == 0x21 and position + 1 < len(data):
            position += 2
        elif introducer == 0x2C and position + 9 < len(data):
            left, top, width, height = struct.unpack_from("<4H", data, position + 1)
            _refuse_above(max_pixels, (left + width) * (top + height), "pixels in a frame")
            # Descriptor, palette of its own, and the size of codes.
            position += 10 + _gif_palette_bytes(data[position + 9]) + 1
        else:
            # The end, or stray bytes, of which Pillow skips one after the other.
            blocks += 1
            _refuse_above(_GIF_BLOCKS, blocks, "blocks")
            position += 1
            continue
        # As Pillow does, which reads on where an extension's first block is empty.
        if introducer == 0x21 and data[position : position + 1] == b"\0":
            position += 1
        while position < len(data):
            length = data[position]
            position += 1 + length
            blocks += 1
            _refuse_above(_GIF_BLOCKS, blocks, "blocks")
            if length == 0:
                break


def _gif_palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _check_bmp(data: bytes) -> None:
    if len(data) >= 34 and data[30] in _RLE and len(data) > _BMP_RLE_BYTES:
        raise ImageError(
            ImageFault.TOO_LARGE,
            f"The image has {len(data)} bytes of run lengths; at most {_BMP_RLE_BYTES} are allowed in a BMP.",
        )


def _refuse_above(limit: int, count: int, what: str) -> None:
    if count > limit:
        raise ImageError(ImageFault.TOO_LARGE, f"The image has more than {limit} {what}, the most allowed.")
