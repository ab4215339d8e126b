"""What lies about a captcha's text: lines, curves, dots, grids, speckle, decoy characters."""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from train.synth.colours import Colour, uniform_colour, vivid
from train.synth.glyphs import choose_faces, decoy, posed
from train.synth.sample import Dice

Pen = Callable[[], Colour]


def pen(dice: Dice, inks: list[Colour]) -> Pen:
    """Return a source of clutter colours: the text's own, one other, or a new one each time."""
    kind = dice.random()
    if kind < 0.4:
        return lambda: dice.choice(inks)
    if kind < 0.6:
        one = uniform_colour(dice, 0, 200)
        return lambda: one
    if kind < 0.8:
        return lambda: vivid(dice)
    return lambda: uniform_colour(dice, 0, 255)


def fixed(colour: Colour) -> Pen:
    """Return a source of one colour."""
    return lambda: colour


def lines(dice: Dice, image: Image.Image, colour: Pen, count: int, width_px: tuple[int, int] = (1, 2)) -> None:
    """Straight lines: across, from side to side, or short."""
    draw = ImageDraw.Draw(image)
    w, h = image.size
    kind = dice.random()
    for _ in range(count):
        if kind < 0.4:
            ends = (dice.uniform(-5, w * 0.3), dice.uniform(0, h), dice.uniform(w * 0.7, w + 5), dice.uniform(0, h))
        elif kind < 0.8:
            ends = (dice.uniform(0, w), dice.uniform(0, h), dice.uniform(0, w), dice.uniform(0, h))
        else:
            x, y, r, a = dice.uniform(0, w), dice.uniform(0, h), dice.uniform(3, h * 0.5), dice.uniform(0, 6.3)
            ends = (x, y, x + r * math.cos(a), y + r * math.sin(a))
        draw.line(ends, fill=colour(), width=dice.randint(*width_px))


def thicket(dice: Dice, image: Image.Image, colour: Pen, count: int, reach_px: float) -> None:
    """Very many thin short lines, each from any place to one no further than the reach along either axis."""
    draw = ImageDraw.Draw(image)
    w, h = image.size
    # A small image would be covered whole.
    count = min(count, w * h // 40)
    starts = dice.arrays.uniform(0, (w, h), (count, 2))
    ends = starts + dice.arrays.uniform(-reach_px, reach_px, (count, 2))
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        draw.line((*start, *end), fill=colour())


def curves(dice: Dice, image: Image.Image, colour: Pen, count: int, width_px: tuple[int, int] = (1, 3)) -> None:
    """Smooth curves through the text: sines, Bezier arcs."""
    draw = ImageDraw.Draw(image)
    w, h = image.size
    for _ in range(count):
        steps = max(12, min(48, w // 5))
        x0, x1 = (-2.0, w + 2.0) if dice.chance(0.6) else (dice.uniform(0, w * 0.3), dice.uniform(w * 0.7, w))
        if dice.chance(0.55):
            amplitude, mid = h * dice.uniform(0.04, 0.35), h * dice.uniform(0.25, 0.75)
            period, phase = w * dice.uniform(0.25, 1.6), dice.uniform(0, 6.3)
            points = [
                (x, mid + amplitude * math.sin(2 * math.pi * x / period + phase))
                for x in (x0 + (x1 - x0) * i / steps for i in range(steps + 1))
            ]
        else:
            ya, yb, yc, yd = (dice.uniform(-0.1 * h, 1.1 * h) for _ in range(4))
            points = []
            for i in range(steps + 1):
                t = i / steps
                u = 1 - t
                y = u * u * u * ya + 3 * u * u * t * yb + 3 * u * t * t * yc + t * t * t * yd
                points.append((x0 + (x1 - x0) * t, y))
        thick = dice.randint(*width_px)
        # Rounded joints are slow, and show in thick curves only.
        draw.line(points, fill=colour(), width=thick, joint="curve" if thick > 3 else None)


def arcs(dice: Dice, image: Image.Image, colour: Pen, count: int) -> None:
    """Parts of ellipses."""
    draw = ImageDraw.Draw(image)
    w, h = image.size
    for _ in range(count):
        x, y = dice.uniform(-0.2 * w, 0.8 * w), dice.uniform(-0.3 * h, 0.8 * h)
        box = (x, y, x + dice.uniform(0.1, 0.9) * w + 2, y + dice.uniform(0.2, 0.9) * h + 2)
        start = dice.uniform(0, 360)
        draw.arc(box, start, start + dice.uniform(40, 360), fill=colour(), width=dice.choice((1, 1, 1, 2)))


def circles(dice: Dice, image: Image.Image, colour: Pen, count: int) -> None:
    """Circles, hollow or filled, small to a third of the height."""
    if dice.chance(0.5):
        rings(dice, image, colour, count, (1, image.height * 0.35))
        return
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        draw.ellipse(_circle(dice, image, (1, image.height * 0.1)), fill=colour())


def rings(
    dice: Dice,
    image: Image.Image,
    colour: Pen,
    count: int,
    radius_px: tuple[float, float],
    width_px: tuple[int, int] = (1, 1),
) -> None:
    """Hollow circles."""
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        draw.ellipse(_circle(dice, image, radius_px), outline=colour(), width=dice.randint(*width_px))


def _circle(dice: Dice, image: Image.Image, radius_px: tuple[float, float]) -> tuple[float, float, float, float]:
    """The box of a circle about any place of the image."""
    x, y, r = dice.uniform(0, image.width), dice.uniform(0, image.height), dice.uniform(*radius_px)
    return x - r, y - r, x + r, y + r


def dots(dice: Dice, image: Image.Image, colour: Pen, share: float) -> None:
    """Small dots and dashes; `share` is the part of the pixels hit."""
    draw = ImageDraw.Draw(image)
    w, h = image.size
    size = dice.choice((0, 0, 0, 1, 1, 2))
    slanted = dice.chance(0.4)
    count = max(2, min(500, round(w * h * share / (size + 1) ** 2)))
    spots = dice.arrays.integers(0, (w, h), (count, 2)).tolist()
    if size == 0:
        # One call for each of a few colours is much faster than one for each dot.
        few = max(1, min(8, count))
        for i in range(few):
            draw.point([(x, y) for x, y in spots[i::few]], fill=colour())
        return
    for x, y in spots:
        if slanted:
            draw.line((x, y, x - 1, y - 1), fill=colour(), width=size + 1)
        else:
            draw.rectangle((x, y, x + size, y + size), fill=colour())


def grid(dice: Dice, image: Image.Image, colour: Colour) -> None:
    """A regular grid of lines, perhaps only one way, perhaps slanted."""
    draw = ImageDraw.Draw(image)
    w, h = image.size
    step_x, step_y = dice.uniform(5, 22), dice.uniform(5, 22)
    slant = dice.choice((0.0, 0.0, dice.uniform(-1, 1))) * h
    kind = dice.random()
    if kind < 0.8:
        for i in range(-int(h / step_x) - 1, int((w + h) / step_x) + 2):
            draw.line((i * step_x, 0, i * step_x + slant, h), fill=colour)
    if kind > 0.3:
        for i in range(int(h / step_y) + 1):
            draw.line((0, i * step_y, w, i * step_y), fill=colour)


def decoys(dice: Dice, image: Image.Image, colour: Pen, count: int, cap_px: float) -> None:
    """Characters that are no part of the label: much smaller than the text or faint (the caller's colour)."""
    face = choose_faces(dice, "a", 1)[0]
    w, h = image.size
    for _ in range(count):
        small = posed(face, decoy(dice), max(5.0, cap_px), angle_deg=dice.uniform(-40, 40))
        image.paste(colour(), (dice.randint(-4, w - 4), dice.randint(-4, h - 4)), small.mask)


def speckle(dice: Dice, image: Image.Image) -> Image.Image:
    """Pixel noise over all of the image: Gaussian, salt and pepper, or grey snow."""
    pixels = np.asarray(image)
    height, width = pixels.shape[:2]
    kind = dice.random()
    channels = 3 if dice.chance(0.3) else 1
    if kind < 0.45:
        noise = dice.arrays.standard_normal((height, width, channels), np.float32) * dice.uniform(4, 38)
        return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    if kind < 0.75:
        share = dice.uniform(0.01, 0.14)
        roll = dice.arrays.random((height, width, 1), np.float32)
        noisy = np.where(roll < share / 2, np.uint8(0), np.where(roll > 1 - share / 2, np.uint8(255), pixels))
        return Image.fromarray(noisy.astype(np.uint8))
    snow = dice.arrays.integers(0, 256, (height, width, channels), np.uint8)
    part = dice.uniform(0.1, 0.5)
    return Image.fromarray((pixels * (1 - part) + snow * part).astype(np.uint8))
