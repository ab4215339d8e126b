"""Masks that leave parts of glyphs out, and that tell a text from its ground by texture alone."""

import math

import numpy as np
from PIL import Image

from train.synth.sample import Dice


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
