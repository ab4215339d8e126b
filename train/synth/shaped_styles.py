"""Style families of shaped glyphs: contours, patterns, missing slices, shadows, boxes, bitmaps, segments."""

import dataclasses
import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from train.synth import clutter, compose
from train.synth.backgrounds import any_colour, darker, near, random_size
from train.synth.colours import BLACK, WHITE, Colour, background_colour, ink_colour, inks
from train.synth.glyphs import choose_faces
from train.synth.layout import Text, set_text
from train.synth.sample import Dice


def outline(dice: Dice, label: str) -> Image.Image:
    """Contours only, thin strokes in one or many colours."""
    made = compose.scene(dice, label, same_ink=0.3)
    if dice.chance(0.6):
        made.background = WHITE
        made.inks = inks(dice, WHITE, len(label), same=0.3)
    cap = max(14.0, made.setting.cap_px)
    pen = dice.choice((0.4, 0.5, 0.6, 0.8, 1.0)) * max(1.0, cap / 34)
    made.setting = dataclasses.replace(made.setting, cap_px=cap, stroke_px=round(pen, 1))
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    if dice.chance(0.15):
        # Filled faintly as well.
        solid = set_solid(text)
        image.paste(near(dice, made.background, 40), (0, 0), solid)
    image = compose.painted(dice, text, image, made.inks, compose.any_warp(dice, text.mask.size, 0.2))
    if dice.chance(0.7):
        clutter.curves(dice, image, clutter.pen(dice, made.inks), dice.randint(1, 3), (1, 2))
    elif dice.chance(0.5):
        image = compose.any_clutter(dice, image, made.inks, cap)
    return compose.finished(dice, image, 0.7)


def set_solid(text: Text) -> Image.Image:
    """Return the outlined text's area, roughly: its mask dilated."""
    return text.mask.filter(ImageFilter.MaxFilter(5))


def pattern(dice: Dice, label: str) -> Image.Image:
    """Glyphs filled with dots, stripes, checks or noise, or with slices missing."""
    made = compose.scene(dice, label, same_ink=0.5)
    cap = max(18.0, made.setting.cap_px)
    bold = dataclasses.replace(made.setting, cap_px=cap)
    text = set_text(dice, label, made.faces, bold)
    holes = pattern_mask(dice, text.mask.size, cap)
    whole = text.mask
    text.mask = ImageChops.multiply(whole, holes)
    image = compose.any_background_for(dice, text, made.background)
    warp = compose.any_warp(dice, text.mask.size, 0.3)
    if dice.chance(0.35):
        under = near(dice, made.inks[0], 60) if dice.chance(0.5) else near(dice, made.background, 60)
        image.paste(under, (0, 0), whole if warp is None else warp.apply(whole))
    image = compose.painted(dice, text, image, made.inks, warp)
    if dice.chance(0.6):
        image = compose.any_clutter(dice, image, made.inks, cap)
    return compose.finished(dice, image, 0.7)


def pattern_mask(dice: Dice, size: tuple[int, int], cap_px: float) -> Image.Image:
    """Return a mask, 255 where ink stays: stripes, slices, dots, checks, or erosion by noise."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    kind = dice.random()
    if kind < 0.45:
        period = max(2.0, cap_px * dice.uniform(0.06, 0.3))
        angle = dice.choice((0.0, math.pi / 2, dice.uniform(0, math.pi)))
        along = x * np.float32(math.cos(angle)) + y * np.float32(math.sin(angle))
        keep = (along / np.float32(period)) % 1 < dice.uniform(0.45, 0.85)
    elif kind < 0.6:
        period = max(2.0, cap_px * dice.uniform(0.07, 0.16))
        u, v = (x / np.float32(period)) % 1 - 0.5, (y / np.float32(period)) % 1 - 0.5
        inside = u * u + v * v < dice.uniform(0.1, 0.22)
        keep = inside if dice.chance(0.6) else ~inside
    elif kind < 0.7:
        period = max(1.0, cap_px * dice.uniform(0.04, 0.12))
        keep = ((x // period) + (y // period)) % 2 < 1
    elif kind < 0.85:
        keep = dice.arrays.random((height, width), np.float32) < dice.uniform(0.4, 0.8)
    else:
        scale = max(2.0, cap_px * dice.uniform(0.05, 0.15))
        coarse = dice.arrays.random((int(height / scale) + 2, int(width / scale) + 2), np.float32)
        smooth = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
        keep = smooth < dice.uniform(0.5, 0.72)
    return Image.fromarray(np.where(keep, np.uint8(255), np.uint8(0)))


def shadow(dice: Dice, label: str) -> Image.Image:
    """Shadows, 3-D doubles, embossing: the text again, shifted, in another tone."""
    made = compose.scene(dice, label, same_ink=0.6)
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    warp = compose.any_warp(dice, text.mask.size, 0.3)
    mask = text.mask if warp is None else warp.apply(text.mask)
    reach = max(1.0, made.setting.cap_px * dice.uniform(0.03, 0.16))
    angle = dice.uniform(0, 2 * math.pi)
    tone = dice.choice((darker(made.inks[0], 0.5), near(dice, made.background, 90), BLACK, any_colour(dice)))
    steps = round(reach) if dice.chance(0.5) else 1
    for step in range(steps, 0, -1):
        part = reach * step / steps
        image.paste(tone, (round(part * math.cos(angle)), round(part * math.sin(angle))), mask)
    if dice.chance(0.2):
        # Hollow: the face of the letters has the background's colour.
        made.inks = [near(dice, made.background, 12)] * len(label)
    image = compose.painted(dice, text, image, made.inks, warp)
    if dice.chance(0.6):
        image = compose.any_clutter(dice, image, made.inks, made.setting.cap_px)
    return compose.finished(dice, image, 0.8)


def boxes(dice: Dice, label: str) -> Image.Image:
    """Each character in a block of its own colour, upright or turned."""
    height = dice.randint(24, 80)
    side = round(height * dice.uniform(0.6, 1.0))
    pitch = round(side * dice.uniform(0.9, 1.25))
    canvas = background_colour(dice)
    image = Image.new("RGB", (pitch * len(label) + 4, height), canvas)
    one_tile = background_colour(dice) if dice.chance(0.3) else None
    turn = dice.choice((0, 0, 12, 25))
    cap = side * dice.uniform(0.45, 0.75)
    faces = choose_faces(dice, label, 1 if dice.chance(0.4) else len(label))
    setting = dataclasses.replace(
        compose.any_setting(dice, "AAAA", (side, side)), width_px=side, height_px=side, cap_px=cap, cells=True, lift=0.0
    )
    if dice.chance(0.5):
        setting = dataclasses.replace(setting, angle_deg=dice.choice((5, 20, 40)))
    for i, character in enumerate(label):
        tile_colour = one_tile or background_colour(dice)
        ink = ink_colour(dice, tile_colour)
        text = set_text(dice, character, [faces[i % len(faces)]], setting)
        tile = Image.new("RGB", text.mask.size, tile_colour)
        tile.paste(ink, (0, 0), text.mask)
        where = (2 + i * pitch, dice.randint(0, max(0, height - tile.height)))
        if turn:
            angle = dice.uniform(-turn, turn)
            solid = Image.new("L", tile.size, 255).rotate(angle, expand=True)
            image.paste(tile.rotate(angle, Image.Resampling.BILINEAR, expand=True), where, solid)
        else:
            image.paste(tile, where)
    colours = [any_colour(dice) for _ in range(3)]
    if dice.chance(0.6):
        image = compose.any_clutter(dice, image, colours, cap)
    return compose.finished(dice, image)


def bitmap(dice: Dice, label: str) -> Image.Image:
    """Pixel fonts: text drawn tiny without smoothing, then shown as it is or enlarged in blocks."""
    cap = dice.randint(7, 11)
    gap = dice.uniform(0.1, 0.6)
    mixed_background = background_colour(dice)
    colours = inks(dice, mixed_background, len(label), same=0.55)
    setting = dataclasses.replace(
        compose.any_setting(dice, label, (10, cap + 4)),
        width_px=round(cap * len(label) * 0.7),
        height_px=cap + dice.randint(3, 12),
        cap_px=float(cap),
        native=True,
        angle_deg=0.0,
        slant=0.0,
        size_spread=0.0,
        stretch=1.0,
        gap=gap,
        lift=dice.choice((0.0, 0.0, 0.15, 0.3)),
        incline=0.0,
    )
    text = set_text(dice, label, choose_faces(dice, label, 1), setting)
    cut = dice.randint(70, 130)
    text.mask = text.mask.point([255 if v > cut else 0 for v in range(256)])
    image = Image.new("RGB", text.mask.size, mixed_background)
    image = compose.painted(dice, text, image, colours, None)
    before = dice.chance(0.5)
    ink = clutter.pen(dice, colours)
    if before and dice.chance(0.6):
        clutter.dots(dice, image, ink, dice.uniform(0.005, 0.06))
    scale = dice.choice((1, 1, 2, 2, 3, 4))
    if scale > 1:
        how = Image.Resampling.NEAREST if dice.chance(0.75) else Image.Resampling.BILINEAR
        image = image.resize((image.width * scale, image.height * scale), how)
    if not before:
        image = compose.any_clutter(dice, image, colours, cap * scale)
    return compose.finished(dice, image, 0.7)


_SEGMENTS = {  # top, upper left, upper right, middle, lower left, lower right, bottom
    "0": "1110111", "1": "0010010", "2": "1011101", "3": "1011011", "4": "0111010",
    "5": "1101011", "6": "1101111", "7": "1010010", "8": "1111111", "9": "1111011",
}  # fmt: skip


def segments(dice: Dice, label: str) -> Image.Image:
    """Seven-segment digits as on meters and scales; anything but digits is set in an ordinary face."""
    if not label.isdigit():
        return neat_display(dice, label)
    height = dice.randint(28, 90)
    size = height * dice.uniform(0.5, 0.8)
    wide = size * dice.uniform(0.45, 0.65)
    thick = size * dice.uniform(0.07, 0.17)
    pitch = wide + thick * dice.uniform(1.0, 3.0)
    lean = dice.choice((0.0, 0.0, 0.12, 0.2))
    background = background_colour(dice)
    ink = ink_colour(dice, background)
    ghost = near(dice, background, 14) if dice.chance(0.4) else None
    margin = thick + lean * size
    image = Image.new("RGB", (round(pitch * len(label) + 2 * margin), height), background)
    draw = ImageDraw.Draw(image)
    top = (height - size) / 2
    for i, digit in enumerate(label):
        _segment_digit(draw, digit, (margin + i * pitch, top, wide, size), thick, lean, ink, ghost)
    if dice.chance(0.5):
        image = compose.any_clutter(dice, image, [ink], size)
    return compose.finished(dice, image, 1.5)


def _segment_digit(
    draw: ImageDraw.ImageDraw,
    digit: str,
    box: tuple[float, float, float, float],
    thick: float,
    lean: float,
    ink: Colour,
    ghost: Colour | None,
) -> None:
    left, top, wide, tall = box
    half, gap = tall / 2, thick * 0.12
    bars = (  # x0, y0, x1, y1 of each segment's axis, as fractions of the box
        (0, 0, wide, 0), (0, 0, 0, half), (wide, 0, wide, half), (0, half, wide, half),
        (0, half, 0, tall), (wide, half, wide, tall), (0, tall, wide, tall),
    )  # fmt: skip
    for on, (x0, y0, x1, y1) in zip(_SEGMENTS[digit], bars, strict=True):
        colour = ink if on == "1" else ghost
        if colour is None:
            continue
        r = thick / 2
        if y0 == y1:
            shape = ((x0 + gap, y0), (x0 + r, y0 - r), (x1 - r, y0 - r), (x1 - gap, y0), (x1 - r, y0 + r), (x0 + r, y0 + r))
        else:
            shape = ((x0, y0 + gap), (x0 + r, y0 + r), (x0 + r, y1 - r), (x0, y1 - gap), (x0 - r, y1 - r), (x0 - r, y0 + r))
        draw.polygon([(left + x + lean * (tall - y), top + y) for x, y in shape], fill=colour)


def neat_display(dice: Dice, label: str) -> Image.Image:
    """A display's text in an ordinary face: large, straight, on one colour."""
    size = random_size(dice, len(label))
    background = background_colour(dice)
    setting = dataclasses.replace(
        compose.any_setting(dice, label, size), angle_deg=0.0, slant=0.0, lift=0.0, size_spread=0.0, native=True
    )
    text = set_text(dice, label, choose_faces(dice, label, 1), setting)
    image = compose.painted(
        dice, text, Image.new("RGB", text.mask.size, background), inks(dice, background, len(label), same=1.0), None
    )
    return compose.finished(dice, image, 1.5)
