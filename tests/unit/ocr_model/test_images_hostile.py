"""Whatever the bytes, decoding gives pixels or an ImageError, never anything else."""

import contextlib
import io
import struct
import subprocess
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmarks.watched import watch
from benchmarks.worst_images import BUILDERS
from ocr_model import images
from ocr_model.errors import ImageError, ImageFault
from ocr_model.images import FORMATS, decode_image
from ocr_model.limits import ImageLimits


def saved(size: tuple[int, int], file_format: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(file, file_format)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size and then ends."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def bmp_header(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + info


REFUSED = {
    "empty": (b"", ImageFault.EMPTY, "zero bytes"),
    "text": (b"hello, world", ImageFault.NOT_IMAGE, "PNG, JPEG, GIF, BMP or WebP"),
    "html": (b"<!DOCTYPE html><html><body>404</body></html>", ImageFault.NOT_IMAGE, "PNG"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ImageFault.NOT_IMAGE, "PNG"),
    "zeros": (bytes(5000), ImageFault.NOT_IMAGE, "PNG"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", ImageFault.NOT_IMAGE, "PNG"),
    "png signature alone": (b"\x89PNG\r\n\x1a\n", ImageFault.NOT_IMAGE, ""),
    "png without pixels": (png_header(40, 20), ImageFault.NOT_IMAGE, "cut off"),
    "huge png header": (png_header(20_000, 20_000), ImageFault.TOO_LARGE, "2500000"),
    "huge bmp header": (bmp_header(20_000, 20_000), ImageFault.TOO_LARGE, ""),
    "largest png header": (png_header(2**31 - 1, 2**31 - 1), ImageFault.TOO_LARGE, ""),
    "many pixels": (png_header(8_000, 8_000), ImageFault.TOO_LARGE, "2500000"),
    "one long side": (png_header(9_000, 10), ImageFault.TOO_LARGE, "8192"),
    "one pixel": (saved((1, 1)), ImageFault.NOT_IMAGE, "at least 2"),
    "one row": (saved((50, 1)), ImageFault.NOT_IMAGE, "at least 2"),
    "too many bytes": (bytes(4 << 20), ImageFault.TOO_LARGE, "3145728"),
    "tiff, a format not taken": (saved((40, 20), "TIFF"), ImageFault.NOT_IMAGE, "PNG"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_fault_and_limit(name: str) -> None:
    data, fault, named = REFUSED[name]
    with pytest.raises(ImageError) as caught:
        decode_image(data)
    assert caught.value.fault is fault
    assert named in caught.value.detail
    assert caught.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("jpeg of many scans", "32 scans"),
        ("jpeg of many segments", "1024 segments"),
        ("png of many chunks", "4096 chunks"),
        ("png of many packed texts", "16 compressed text chunks"),
        ("gif of many blocks", "20000 blocks"),
        ("bmp of many runs", "65536"),
        ("gif of a large frame", "2500000 pixels in a frame"),
        ("webp of a large canvas", "2500000 pixels"),
    ],
)
def test_files_of_too_many_parts_are_refused_unread(name: str, named: str) -> None:
    with pytest.raises(ImageError, match=named) as caught:
        decode_image(BUILDERS[name]())
    assert caught.value.fault is ImageFault.TOO_LARGE


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_truncated_files_are_no_images(file_format: str, share: float) -> None:
    data = saved((160, 60), file_format)
    with pytest.raises(ImageError) as caught:
        decode_image(data[: int(len(data) * share)])
    assert caught.value.fault is ImageFault.NOT_IMAGE


def test_a_small_file_of_many_pixels_is_refused_by_its_header() -> None:
    """64 megapixels of one colour fit into a few kilobytes; they must not be inflated."""
    rows = zlib.compress(b"\x00" * (1 + 8_000 // 8) * 100)
    head = struct.pack(">IIBBBBB", 8_000, 8_000, 1, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    with pytest.raises(ImageError, match="2500000"):
        decode_image(bomb)


def test_limits_are_inclusive() -> None:
    limits = ImageLimits(max_pixels=40 * 20, max_side=40, min_side=20)
    assert decode_image(saved((40, 20)), limits).shape == (20, 40, 3)
    with pytest.raises(ImageError):
        decode_image(saved((40, 21)), limits)
    with pytest.raises(ImageError):
        decode_image(saved((41, 20)), limits)
    with pytest.raises(ImageError):
        decode_image(saved((40, 19)), limits)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_files_raise_image_errors_only(data: st.DataObject) -> None:
    file_format = data.draw(st.sampled_from(FORMATS))
    damaged = bytearray(saved((40, 20), file_format))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ImageError):
        assert decode_image(bytes(damaged)).shape[2] == 3


def test_a_frame_that_grows_its_gif_is_refused_even_where_the_walk_misses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "check_structure", lambda *_: None)
    watched = watch(lambda: decode_image(BUILDERS["gif of a large frame"]()))
    assert isinstance(watched.result, ImageError)
    assert watched.result.fault is ImageFault.TOO_LARGE
    assert watched.grown_bytes < 50_000_000


SENDS_WARNINGS = """
import io, struct, sys
from PIL import Image, TiffImagePlugin
from ocr_model.images import decode_image

for number in range(100):
    entry = struct.pack("<HHII", 700 + number, 2, 4096, 1 << 30)
    exif = b"Exif\\0\\0II*\\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    file = io.BytesIO()
    Image.new("RGB", (40, 20)).save(file, "JPEG", exif=exif)
    decode_image(file.getvalue())
print(len(getattr(TiffImagePlugin, "__warningregistry__", ())))
"""


def test_what_pillow_warns_of_is_not_kept() -> None:
    # In a process of its own: pytest has other filters.
    done = subprocess.run([sys.executable, "-c", SENDS_WARNINGS], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    # At most the version of the filters.
    assert int(done.stdout) <= 1
