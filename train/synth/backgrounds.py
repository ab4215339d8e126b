"""Paints what lies behind the text."""

import numpy as np
from PIL import Image

from train.synth import clutter
from train.synth.colours import Colour, uniform_colour
from train.synth.sample import Dice


def near(dice: Dice, colour: Colour, spread: int) -> Colour:
    """Return a colour close to another."""
    red, green, blue = (min(255, max(0, c + dice.randint(-spread, spread))) for c in colour)
    return red, green, blue


def plain(size: tuple[int, int], colour: Colour) -> Image.Image:
    """One colour."""
    return Image.new("RGB", size, colour)


def gradient(dice: Dice, size: tuple[int, int], colour: Colour) -> Image.Image:
    """From the colour to one near it, in any direction."""
    four = np.array([[near(dice, colour, 45) for _ in range(2)] for _ in range(2)], np.uint8)
    return Image.fromarray(four).resize(size, Image.Resampling.BILINEAR)


def texture(dice: Dice, size: tuple[int, int], colour: Colour) -> Image.Image:
    """Clouds or cells of colours near the given one."""
    cells = dice.randint(3, 24), dice.randint(2, 10)
    spread = dice.randint(8, 45)
    offsets = dice.arrays.integers(-spread, spread + 1, (cells[1], cells[0], 3))
    if dice.chance(0.5):
        offsets[:] = offsets[:, :, :1]
    coarse = np.clip(np.asarray(colour) + offsets, 0, 255).astype(np.uint8)
    how = Image.Resampling.BICUBIC if dice.chance(0.7) else Image.Resampling.NEAREST
    return Image.fromarray(coarse).resize(size, how)


def clouds(dice: Dice, size: tuple[int, int], colour: Colour) -> Image.Image:
    """Light and shade at several scales, as paper, cloth or a photograph out of focus has."""
    width, height = size
    shade = np.zeros((height, width, 1), np.float32)
    strength = dice.uniform(10, 40)
    cells = dice.randint(2, 4)
    wide = dice.uniform(0.5, 4.0)
    while cells < height:
        coarse = dice.arrays.standard_normal((cells, max(2, round(cells * wide))), np.float32)
        grown = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
        shade += np.asarray(grown)[..., None] * strength
        strength *= dice.uniform(0.4, 0.9)
        cells *= 3
    tint = dice.arrays.uniform(0.5, 1.0, 3).astype(np.float32) if dice.chance(0.5) else np.ones(3, np.float32)
    return Image.fromarray(np.clip(np.asarray(colour, np.float32) + shade * tint, 0, 255).astype(np.uint8))


def any_background(dice: Dice, size: tuple[int, int], colour: Colour) -> Image.Image:
    """A background whose mean is about the given colour."""
    kind = dice.random()
    if kind < 0.62:
        image = plain(size, colour)
    elif kind < 0.75:
        image = gradient(dice, size, colour)
    elif kind < 0.82:
        image = texture(dice, size, colour)
    elif kind < 0.87:
        image = clouds(dice, size, colour)
    elif kind < 0.93:
        image = plain(size, colour)
        clutter.grid(dice, image, near(dice, colour, 70))
    else:
        image = plain(size, colour)
        shades = [near(dice, colour, 60) for _ in range(3)]
        clutter.circles(dice, image, lambda: dice.choice(shades), dice.randint(3, 30))
    if dice.chance(0.08):
        shade = near(dice, colour, 80)
        clutter.decoys(dice, image, lambda: shade, dice.randint(3, 12), size[1] * dice.uniform(0.1, 0.3))
    return image


def random_size(dice: Dice, length: int) -> tuple[int, int]:
    """Return a canvas size in pixels, tiny to large, the middle most often."""
    kind = dice.random()
    if kind < 0.24:
        height = dice.randint(20, 34)
    elif kind < 0.9:
        height = dice.randint(35, 72)
    elif kind < 0.985:
        height = dice.randint(73, 120)
    else:
        height = dice.randint(121, 240)
    width = height * dice.uniform(1.9, 3.6) * (1.0 if length <= 6 else length / 6)
    return round(min(width, 720)), height


def darker(colour: Colour, part: float) -> Colour:
    """Return a colour scaled toward black."""
    red, green, blue = (round(c * part) for c in colour)
    return red, green, blue


def any_colour(dice: Dice) -> Colour:
    """Return any colour at all."""
    return uniform_colour(dice, 0, 255)
