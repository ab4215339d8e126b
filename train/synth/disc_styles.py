"""A style family of characters made of discs."""

import math

import numpy as np
from PIL import Image, ImageDraw

from train.synth import compose
from train.synth.colours import Colour, background_colour, inks
from train.synth.glyphs import choose_faces
from train.synth.layout import Setting, Text, set_text
from train.synth.sample import Dice


def discs(dice: Dice, label: str) -> Image.Image:
    """Characters put together from discs, one for each pixel of a pixel font, struck out and strewn with more."""
    cap = dice.randint(8, 13)
    pitch = dice.uniform(2.2, 6.0)
    setting = Setting(
        width_px=0,
        height_px=cap + 2,
        cap_px=float(cap),
        native=True,
        gap=dice.uniform(0.15, 0.45),
        lift=dice.choice((0.0, 0.0, 0.15)),
    )
    face = choose_faces(dice, label, 1)
    text = set_text(dice, label, face, setting)
    background = background_colour(dice)
    colours = inks(dice, background, len(label), same=0.75)
    margin = dice.uniform(0.5, 4.0) * pitch
    size = round(text.mask.width * pitch + 2 * margin), round(text.mask.height * pitch + 2 * margin)
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    low, high = pitch * dice.uniform(0.3, 0.5), pitch * dice.uniform(0.45, 0.75)
    rows, columns = np.nonzero(np.asarray(text.mask) > dice.randint(70, 130))
    slant = dice.choice((0.0, 0.0, dice.uniform(-0.3, 0.3)))
    for x, y in zip(columns.tolist(), rows.tolist(), strict=True):
        _disc(
            draw,
            margin + (x + 0.5 + slant * (cap / 2 - y)) * pitch,
            margin + (y + 0.5) * pitch,
            dice.uniform(low, high),
        )
    warp = compose.any_warp(dice, size, 0.7)
    if warp is not None:
        mask = warp.mask(mask)
    ink = text.coloured(colours).resize(size, Image.Resampling.NEAREST)
    image = compose.any_background_for(dice, Text(mask, []), background)
    image.paste(colours[0] if len(set(colours)) == 1 else ink, (0, 0), mask)
    draw = ImageDraw.Draw(image)
    colour = dice.choice(colours)
    if dice.chance(0.7):
        _struck_out(dice, draw, size, colour, (low, high))
    for _ in range(dice.choice((0, 10, 30))):
        _disc(draw, dice.uniform(0, size[0]), dice.uniform(0, size[1]), dice.uniform(low / 2, high), colour)
    return compose.finished(dice, image, 0.8)


def _struck_out(
    dice: Dice, draw: ImageDraw.ImageDraw, size: tuple[int, int], colour: Colour, radii: tuple[float, float]
) -> None:
    """A sine of discs from side to side."""
    width, height = size
    middle, swing = height * dice.uniform(0.3, 0.7), height * dice.uniform(0.02, 0.15)
    period, phase = width * dice.uniform(0.3, 1.5), dice.uniform(0, 6.3)
    x = 0.0
    while x < width:
        _disc(draw, x, middle + swing * math.sin(x / period * 2 * math.pi + phase), dice.uniform(*radii) * 0.8, colour)
        x += radii[0] * 2


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: int | Colour = 255) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
