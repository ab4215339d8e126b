"""Whatever the file format and pixel mode, the ink shows after decoding."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ocr_model.images import decode_image

Draw = Callable[[Image.Image], bytes]


def encode(image: Image.Image, file_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def likeness(decoded: NDArray[np.uint8], ink: Image.Image) -> float:
    """Correlate decoded brightness with the ink drawn; 1 is dark ink's exact inverse or light ink."""
    grey = np.asarray(Image.fromarray(decoded).convert("L"), dtype=float)
    assert grey.shape == (ink.height, ink.width)
    if np.ptp(grey) < 60:
        return 0.0
    return float(abs(np.corrcoef(grey.ravel(), np.asarray(ink, dtype=float).ravel())[0, 1]))


def opaque(ink: Image.Image, mode: str = "RGB") -> Image.Image:
    return ImageOps.invert(ink).convert(mode)


def see_through(ink: Image.Image, colour: tuple[int, int, int], under: tuple[int, int, int]) -> Image.Image:
    """Draw opaque ink on full transparency that hides the colour ``under``."""
    picture = Image.new("RGBA", ink.size, (*under, 0))
    picture.paste((*colour, 255), mask=ink)
    return picture


def palette_with_alpha(ink: Image.Image, as_bytes: bool) -> bytes:
    """Draw black on a palette's transparent black: without its alpha the ink is lost."""
    picture = ink.point(lambda level: 1 if level else 0).convert("P")
    picture.putpalette([0, 0, 0, 0, 0, 0])
    return encode(picture, "PNG", transparency=b"\x00\xff" if as_bytes else 0)


def deep_grey(ink: Image.Image, brightest: int, transparent: int | None = None) -> bytes:
    levels = np.where(np.asarray(ink) > 0, 0, brightest).astype(np.uint16)
    options = {} if transparent is None else {"transparency": transparent}
    return encode(Image.fromarray(levels), "PNG", **options)


def rotated_by_exif(ink: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encode(opaque(ink).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)


def adobe_cmyk(ink: Image.Image) -> bytes:
    return encode(opaque(ink).convert("CMYK"), "JPEG", quality=95)


BLACK, WHITE, GREY, ORANGE = (0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 165, 0)

DRAWN: dict[str, Draw] = {
    "png rgb": lambda ink: encode(opaque(ink), "PNG"),
    "png grey": lambda ink: encode(opaque(ink, "L"), "PNG"),
    "png grey alpha": lambda ink: encode(see_through(ink, BLACK, BLACK).convert("LA"), "PNG"),
    "png light grey alpha": lambda ink: encode(see_through(ink, WHITE, WHITE).convert("LA"), "PNG"),
    "png 1 bit": lambda ink: encode(opaque(ink, "1"), "PNG"),
    "png palette": lambda ink: encode(opaque(ink).quantize(8), "PNG"),
    "png palette, alpha per colour": lambda ink: palette_with_alpha(ink, as_bytes=True),
    "png palette, one transparent": lambda ink: palette_with_alpha(ink, as_bytes=False),
    "png rgb, one transparent colour": lambda ink: encode(
        Image.merge("RGB", [ink.point(lambda v: 0 if v else 1)] * 3), "PNG", transparency=(1, 1, 1)
    ),
    "png 16 bit": lambda ink: deep_grey(ink, 65_535),
    "png 16 bit, dark": lambda ink: deep_grey(ink, 4_095),
    "png 16 bit, 8 bits used": lambda ink: deep_grey(ink, 255),
    "png 16 bit, one transparent": lambda ink: deep_grey(ink, 900, transparent=900),
    "black on transparent black": lambda ink: encode(see_through(ink, BLACK, BLACK), "PNG"),
    "black on transparent white": lambda ink: encode(see_through(ink, BLACK, WHITE), "PNG"),
    "white on transparent white": lambda ink: encode(see_through(ink, WHITE, WHITE), "PNG"),
    "white on transparent black": lambda ink: encode(see_through(ink, WHITE, BLACK), "PNG"),
    "grey on transparent grey": lambda ink: encode(see_through(ink, GREY, GREY), "PNG"),
    "orange on transparent orange": lambda ink: encode(see_through(ink, ORANGE, ORANGE), "PNG"),
    "jpeg": lambda ink: encode(opaque(ink), "JPEG", quality=90),
    "jpeg grey": lambda ink: encode(opaque(ink, "L"), "JPEG", quality=90),
    "jpeg cmyk": adobe_cmyk,
    "jpeg turned by exif": rotated_by_exif,
    "gif": lambda ink: encode(opaque(ink), "GIF"),
    "gif, transparent": lambda ink: encode(see_through(ink, BLACK, BLACK), "GIF"),
    "bmp": lambda ink: encode(opaque(ink), "BMP"),
    "bmp 1 bit": lambda ink: encode(opaque(ink, "1"), "BMP"),
    "webp": lambda ink: encode(opaque(ink), "WEBP", lossless=True),
    "webp lossy": lambda ink: encode(opaque(ink), "WEBP", quality=80),
    "webp, transparent": lambda ink: encode(see_through(ink, WHITE, WHITE), "WEBP", lossless=True),
}


@pytest.mark.parametrize("name", DRAWN)
def test_ink_shows_after_decoding(name: str, ink: Image.Image) -> None:
    assert likeness(decode_image(DRAWN[name](ink)), ink) > 0.9


def test_pillow_alone_would_lose_this_ink(ink: Image.Image) -> None:
    """The table above can fail: what a plain conversion gives is not like the ink at all."""
    naive = Image.open(io.BytesIO(DRAWN["black on transparent black"](ink))).convert("RGB")
    assert likeness(np.asarray(naive), ink) == 0


def test_ink_both_dark_and_light_is_laid_on_grey(ink: Image.Image) -> None:
    picture = see_through(ink, BLACK, BLACK)
    picture.paste((255, 255, 255, 255), (48, 0), ink.crop((48, 0, 96, 40)))
    decoded = decode_image(encode(picture, "PNG"))
    inked = np.asarray(ink) > 0
    distance = np.abs(decoded.astype(int) - decoded[0, 0]).sum(axis=2)
    assert distance[inked].min() > 300
    assert distance[~inked].max() == 0


def test_soft_edges_do_not_decide_the_background(ink: Image.Image) -> None:
    soft = Image.new("RGBA", ink.size, (255, 255, 255, 0))
    soft.putalpha(ink.reduce(2).resize(ink.size, Image.Resampling.BICUBIC))
    decoded = decode_image(encode(soft, "PNG"))
    assert decoded[0, 0].tolist() == [0, 0, 0]


def test_nothing_but_transparency_is_an_empty_page() -> None:
    decoded = decode_image(encode(Image.new("RGBA", (30, 20), (9, 9, 9, 0)), "PNG"))
    assert decoded.shape == (20, 30, 3)
    assert (decoded == 255).all()


def test_colour_survives() -> None:
    decoded = decode_image(encode(Image.new("RGB", (8, 6), (200, 30, 90)), "PNG"))
    assert decoded.dtype == np.uint8
    assert decoded[3, 3].tolist() == [200, 30, 90]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_does_not_cost_the_picture(ink: Image.Image) -> None:
    data = encode(opaque(ink), "JPEG", quality=95, exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff broken")
    assert likeness(decode_image(data), ink) > 0.9
