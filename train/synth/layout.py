"""Sets a text: where each character goes, how large, how turned; the outcome is one coverage mask."""

import dataclasses
import math

import numpy as np
from PIL import Image

from train.fonts import Face
from train.synth.colours import Colour
from train.synth.glyphs import Glyph, posed
from train.synth.sample import Dice


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a text is set. Lengths are in cap heights unless they say pixels.

    Attributes:
        width_px: Least width of the canvas; a longer text widens it.
        height_px: Height of the canvas.
        cap_px: Height of a capital.
        size_spread: Largest relative change of size of single characters.
        angle_deg: Largest rotation either way.
        slant: Largest slant either way (dx per dy).
        lift: Largest shift off the baseline.
        gap: Space between the inks of neighbours; negative overlaps.
        gap_spread: Largest change of the gap.
        cells: Spread the characters evenly over the canvas instead.
        incline: Rise of the baseline, dy per dx.
        stroke_px: 0 fills glyphs, above 0 draws contours with a pen of twice this width.
        native: Keep FreeType's own rendering, unscaled and unturned.
        stretch: Horizontal scale of the glyphs.
    """

    width_px: int
    height_px: int
    cap_px: float
    size_spread: float = 0.0
    angle_deg: float = 0.0
    slant: float = 0.0
    lift: float = 0.0
    gap: float = 0.15
    gap_spread: float = 0.0
    cells: bool = False
    incline: float = 0.0
    stroke_px: float = 0.0
    native: bool = False
    stretch: float = 1.0


@dataclasses.dataclass(slots=True)
class Text:
    """A set text: coverage of the whole, and each character's mask with its top-left corner."""

    mask: Image.Image
    parts: list[tuple[Image.Image, int, int]]

    def coloured(self, colours: list[Colour]) -> Image.Image:
        """Return an RGB image in which each character's area has its colour."""
        ink = Image.new("RGB", self.mask.size, colours[0])
        reached = 0
        for (mask, x, y), colour in zip(self.parts, colours, strict=True):
            if x >= reached:
                ink.paste(colour, (x, 0, self.mask.width, self.mask.height))
            else:
                # Whole pixels, so that a soft edge does not mix in the neighbour's colour.
                ink.paste(colour, (max(reached, x + mask.width // 2), 0, self.mask.width, self.mask.height))
                ink.paste(colour, (x, y), Image.fromarray(np.asarray(mask) > _SOLID))
            reached = max(reached, x + mask.width)
        return ink


_SOLID = 24


def set_text(dice: Dice, label: str, faces: list[Face], setting: Setting) -> Text:
    """Set a label. `faces` gives one face for all characters or one for each."""
    return set_glyphs(dice, [_one(dice, c, faces[i % len(faces)], setting) for i, c in enumerate(label)], setting)


def set_glyphs(dice: Dice, glyphs: list[Glyph], setting: Setting) -> Text:
    """Set characters that are drawn already, as `setting` says of their places."""
    if setting.cells:
        width, lefts = _in_cells(dice, glyphs, setting)
    else:
        width, lefts = _in_a_row(dice, glyphs, setting)
    return _placed(dice, glyphs, lefts, width, setting)


def _one(dice: Dice, character: str, face: Face, setting: Setting) -> Glyph:
    cap = setting.cap_px * (1 + dice.uniform(-setting.size_spread, setting.size_spread))
    drawn = posed(
        face,
        character,
        cap,
        stroke=setting.stroke_px,
        native=setting.native,
        stretch=setting.stretch,
        angle_deg=dice.uniform(-setting.angle_deg, setting.angle_deg) if setting.angle_deg else 0.0,
        slant=dice.uniform(-setting.slant, setting.slant) if setting.slant else 0.0,
    )
    box = drawn.mask.getbbox()
    if box is None or box == (0, 0, *drawn.mask.size):
        return drawn
    return Glyph(drawn.mask.crop(box), drawn.left + box[0], drawn.top + box[1], drawn.advance)


def _in_cells(dice: Dice, glyphs: list[Glyph], setting: Setting) -> tuple[int, list[float]]:
    widest = max(g.mask.width for g in glyphs)
    cell = max(setting.width_px * dice.uniform(0.86, 1.0) / len(glyphs), widest * 0.85)
    width = max(setting.width_px, math.ceil(cell * len(glyphs)))
    start = (width - cell * len(glyphs)) / 2
    jitter = setting.gap_spread * setting.cap_px
    return width, [
        start + cell * (i + 0.5) - g.mask.width / 2 + dice.uniform(-jitter, jitter) for i, g in enumerate(glyphs)
    ]


def _in_a_row(dice: Dice, glyphs: list[Glyph], setting: Setting) -> tuple[int, list[float]]:
    lefts = []
    x = 0.0
    for one in glyphs:
        lefts.append(x)
        gap = setting.gap + dice.uniform(-setting.gap_spread, setting.gap_spread)
        # A narrow glyph may not vanish inside its neighbour.
        x += max(one.mask.width + gap * setting.cap_px, 0.55 * one.mask.width, 0.18 * setting.cap_px)
    right = max(left + g.mask.width for left, g in zip(lefts, glyphs, strict=True))
    margin = dice.uniform(0.02, 0.3) * setting.cap_px
    width = max(setting.width_px, math.ceil(right + 2 * margin))
    room = width - right
    start = room / 2 if dice.chance(0.6) else dice.uniform(min(margin, room / 2), max(room / 2, room - margin))
    return width, [left + start for left in lefts]


def _placed(dice: Dice, glyphs: list[Glyph], lefts: list[float], width: int, setting: Setting) -> Text:
    tops = []
    for one, left in zip(glyphs, lefts, strict=True):
        lift = dice.uniform(-setting.lift, setting.lift) * setting.cap_px if setting.lift else 0.0
        tops.append(one.top + lift + setting.incline * left)
    top = min(tops)
    bottom = max(t + g.mask.height for t, g in zip(tops, glyphs, strict=True))
    height = max(setting.height_px, math.ceil(bottom - top) + 2)
    room = height - (bottom - top)
    shift = room * dice.uniform(0.3, 0.7) - top
    whole = Image.new("L", (width, height))
    parts = []
    for one, left, glyph_top in zip(glyphs, lefts, tops, strict=True):
        x, y = round(left), round(glyph_top + shift)
        parts.append((one.mask, x, y))
        whole.paste(255, (x, y), one.mask)
    return Text(whole, parts)
