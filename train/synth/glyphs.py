"""Draws single characters as coverage masks, and turns, slants and scales them."""

import functools
import math
from typing import NamedTuple

from PIL import Image

from train.fonts import CHARACTERS, Face, FontSet, font_set
from train.synth.sample import Dice

# Glyphs are drawn at these font sizes and scaled from the next larger one, so that the cache is of use. At half
# the size bilinear sampling still takes in every pixel.
_SIZES_PX = (11, 22, 44, 88, 176)


class Glyph(NamedTuple):
    """A coverage mask ("L", 255 inside) and where its top-left corner lies from the pen on the baseline."""

    mask: Image.Image
    left: float
    top: float
    advance: float


@functools.lru_cache(maxsize=50_000)
def _drawn(face: Face, size_px: int, character: str, stroke: float) -> Glyph:
    font = face.load(size_px)
    core, (left, top) = font.getmask2(character, "L", anchor="ls", stroke_width=stroke)
    width, height = max(1, core.size[0]), max(1, core.size[1])
    mask = Image.new("L", (width, height))
    if 0 not in core.size:
        mask.im.paste(core, (0, 0, width, height))
    return Glyph(mask, left, top, font.getlength(character))


def posed(
    face: Face,
    character: str,
    cap_px: float,
    *,
    stroke: float = 0.0,
    native: bool = False,
    stretch: float = 1.0,
    angle_deg: float = 0.0,
    slant: float = 0.0,
) -> Glyph:
    """Draw one character, scaled, slanted and turned in one step.

    Args:
        face: The font face.
        character: The character.
        cap_px: Height of the face's capital letters in pixels.
        stroke: 0 fills the glyph; above 0 only its contour is drawn, with a pen of twice this width in pixels.
        native: Draw at the nearest font size exactly, hinting included, instead of scaling.
        stretch: Horizontal scale.
        angle_deg: Rotation, counter-clockwise.
        slant: Shift along x per pixel of height.
    """
    wanted = cap_px / face.cap_ratio
    still = stretch == 1.0 and not angle_deg and not slant
    if native:
        drawn = _drawn(face, max(6, round(wanted)), character, stroke)
        return drawn if still else turned(drawn, stretch, 1.0, angle_deg, slant)
    size = next((s for s in _SIZES_PX if s >= wanted - 0.5), _SIZES_PX[-1])
    scale = wanted / size
    # A contour's pen is scaled with the glyph, so it starts out wider.
    drawn = _drawn(face, size, character, max(0.5, round(2 * stroke / scale) / 2) if stroke else 0.0)
    if still and 0.95 < scale < 1.05:
        return drawn
    return turned(drawn, scale * stretch, scale, angle_deg, slant)


def turned(source: Glyph, scale_x: float, scale_y: float, angle_deg: float, slant: float) -> Glyph:
    """Scale, slant (dx per dy) and rotate (counter-clockwise, about its centre) a glyph."""
    angle = math.radians(angle_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    # Forward map of offsets from the centre, y down: scale and slant first, then rotation.
    a, b = cos * scale_x, scale_y * (sin - cos * slant)
    c, d = -sin * scale_x, scale_y * (cos + sin * slant)
    width, height = source.mask.size
    new_width = max(1, math.ceil(abs(a) * width + abs(b) * height) + 1)
    new_height = max(1, math.ceil(abs(c) * width + abs(d) * height) + 1)
    det = a * d - b * c
    ia, ib, ic, id_ = d / det, -b / det, -c / det, a / det
    cx, cy, nx, ny = width / 2, height / 2, new_width / 2, new_height / 2
    mask = source.mask.transform(
        (new_width, new_height),
        Image.Transform.AFFINE,
        (ia, ib, cx - ia * nx - ib * ny, ic, id_, cy - ic * nx - id_ * ny),
        Image.Resampling.BILINEAR,
    )
    centre_x = (source.left + cx) * scale_x
    centre_y = (source.top + cy) * scale_y
    return Glyph(mask, centre_x - nx, centre_y - ny, source.advance * scale_x)


def choose_faces(dice: Dice, label: str, count: int, *, fonts: FontSet | None = None) -> list[Face]:
    """Choose faces that can draw the label: with small letters only faces that have them.

    Plain text faces come more often than decorative ones, as in the field.
    """
    fonts = fonts or font_set()
    small = any("a" <= character <= "z" for character in label)
    pool = fonts.cased if small else fonts.faces
    plain = fonts.plain or fonts.faces
    if not pool:
        pool = fonts.faces
    return [dice.choice(plain) if dice.chance(0.6) else dice.choice(pool) for _ in range(count)]


def decoy(dice: Dice) -> str:
    """Return any one character."""
    return dice.choice(CHARACTERS)
