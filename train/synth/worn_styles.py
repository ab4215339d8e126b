"""Style families of broken glyphs: patterns, missing slices, inverted regions, texture contrast, relief lines."""

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from train.synth import clutter, compose
from train.synth.backgrounds import near
from train.synth.patterns import pattern_mask
from train.synth.sample import Dice


def pattern(dice: Dice, label: str) -> Image.Image:
    """Glyphs filled with dots, stripes, checks or noise, or with slices missing."""
    made = compose.scene(dice, label)
    cap = max(18.0, made.setting.cap_px)
    made.inks = compose.contrasting(dice, made.background, len(label))
    made.change(cap_px=cap)
    text = compose.any_text(dice, made)
    whole = text.mask
    text.mask = ImageChops.multiply(whole, pattern_mask(dice, whole.size, cap))
    image = compose.any_background_for(dice, text, made.background)
    warp = compose.any_warp(dice, text.mask.size, 0.3)
    if dice.chance(0.35):
        under = near(dice, made.inks[0], 60) if dice.chance(0.5) else near(dice, made.background, 60)
        image.paste(under, (0, 0), whole if warp is None else warp.mask(whole))
    elif dice.chance(0.3):
        # A thin contour round the pattern.
        edge = whole.filter(ImageFilter.FIND_EDGES)
        image.paste(made.inks[0], (0, 0), edge if warp is None else warp.mask(edge))
    image = compose.painted(dice, text, image, made.inks, warp)
    if dice.chance(0.6):
        image = compose.any_clutter(dice, image, made.inks, cap)
    return compose.finished(dice, image, 0.7)


def inverse(dice: Dice, label: str) -> Image.Image:
    """Stripes, checks or blobs in which ink and ground change places."""
    made = compose.scene(dice, label, same_ink=0.8)
    made.inks = compose.contrasting(dice, made.background, len(label))
    text = compose.any_text(dice, made)
    image = Image.new("RGB", text.mask.size, made.background)
    image = compose.painted(dice, text, image, made.inks, compose.any_warp(dice, text.mask.size))
    region = Image.new("L", image.size)
    draw = ImageDraw.Draw(region)
    width, height = image.size
    kind = dice.random()
    if kind < 0.45:
        for _ in range(dice.randint(1, 4)):
            x, y = dice.uniform(-0.1, 0.8) * width, dice.uniform(-0.3, 0.6) * height
            draw.ellipse((x, y, x + dice.uniform(0.2, 0.6) * width, y + dice.uniform(0.4, 1.1) * height), fill=255)
    elif kind < 0.7:
        step = width * dice.uniform(0.08, 0.4)
        lean = dice.uniform(-0.6, 0.6) * height
        for i in range(0, math.ceil(width / step) + 2, 2):
            x = (i - 0.5) * step
            draw.polygon([(x, 0), (x + step, 0), (x + step + lean, height), (x + lean, height)], fill=255)
    else:
        draw.rectangle((0, height * dice.uniform(0.3, 0.7), width, height), fill=255)
    image = Image.composite(ImageOps.invert(image), image, region)
    return compose.finished(dice, image, 0.7)


def grain(dice: Dice, label: str) -> Image.Image:
    """No outline at all: inside the glyphs noise, dashes or stripes differ from those outside."""
    made = compose.scene(dice, label, same_ink=1.0)
    cap = max(26.0, made.setting.cap_px)
    made.change(cap_px=cap, angle_deg=min(15.0, made.setting.angle_deg), gap=dice.uniform(0.1, 0.3))
    text = compose.any_text(dice, made)
    warp = compose.any_warp(dice, text.mask.size, 0.3)
    mask = np.asarray(text.mask if warp is None else warp.mask(text.mask)) > 127
    height, width = mask.shape
    roll = dice.arrays.random((height, width), np.float32)
    if dice.chance(0.8):
        low = dice.uniform(0.02, 0.2)
        limit = np.where(mask, np.float32(low + dice.uniform(0.3, 0.6)), np.float32(low))
        ink = roll < limit
    else:
        period = max(3.0, cap * dice.uniform(0.08, 0.15))
        y, x = np.mgrid[0:height, 0:width]
        along = np.where(mask, x, y) if dice.chance(0.6) else np.where(mask, y + period / 2, y)
        ink = (along / period) % 1 < dice.uniform(0.35, 0.6)
    image = Image.new("RGB", (width, height), made.background)
    image.paste(compose.contrasting(dice, made.background, 1)[0], (0, 0), Image.fromarray(ink))
    return compose.finished(dice, image, 0.5)


def relief(dice: Dice, label: str) -> Image.Image:
    """Level lines over a landscape in which the text stands up."""
    made = compose.scene(dice, label, same_ink=1.0)
    cap = max(30.0, made.setting.cap_px)
    made.faces = made.faces[:1]
    made.change(cap_px=cap, angle_deg=0.0, slant=0.0, lift=0.0, size_spread=0.0, gap=dice.uniform(0.1, 0.3))
    text = compose.any_text(dice, made)
    warp = compose.any_warp(dice, text.mask.size, 0.4)
    mask = (text.mask if warp is None else warp.mask(text.mask)).filter(ImageFilter.BoxBlur(1))
    width, height = mask.size
    heights = np.asarray(mask, np.float32) / 255 * (cap * dice.uniform(0.12, 0.2))
    raised = heights.tolist()
    slope = dice.uniform(-0.2, 0.2)
    step = max(2, round(cap * dice.uniform(0.06, 0.1)))
    image = Image.new("RGB", (width, height), made.background)
    draw = ImageDraw.Draw(image)
    ink = compose.contrasting(dice, made.background, 1)[0]
    for row in range(-round(abs(slope) * width), height + round(abs(slope) * width), step):
        points = []
        for x in range(0, width, 2):
            y = row + slope * x
            at = min(height - 1, max(0, round(y)))
            points.append((x, y - raised[at][x]))
        draw.line(points, fill=ink)
    if dice.chance(0.2):
        clutter.lines(dice, image, clutter.fixed(ink), 2)
    return compose.finished(dice, image, 0.5)
