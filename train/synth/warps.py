"""Warps of a whole image: sine, ripple, swirl, elastic, perspective, piecewise shear.

Each is a displacement in pixels at the nodes of a coarse mesh, spread over the pixels by bicubic interpolation.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from train.synth.sample import Dice

Field = NDArray[np.float32]


class Warp:
    """A displacement field at the nodes of a mesh, so that several images of one size can be warped alike."""

    def __init__(self, size: tuple[int, int], cell_px: int) -> None:
        width, height = size
        columns, rows = max(3, round(width / cell_px) + 1), max(3, round(height / cell_px) + 1)
        self.x, self.y = np.meshgrid(
            np.linspace(0, width, columns, dtype=np.float32), np.linspace(0, height, rows, dtype=np.float32)
        )
        self.dx: Field = np.zeros_like(self.x)
        self.dy: Field = np.zeros_like(self.y)
        self.size = size
        self._sources: tuple[Field, Field] | None = None

    def sources(self) -> tuple[Field, Field]:
        """Return for every pixel where it is taken from, in a picture with one pixel of margin."""
        if self._sources is None:
            width, height = self.size
            dx = np.asarray(Image.fromarray(self.dx).resize(self.size, Image.Resampling.BICUBIC))
            dy = np.asarray(Image.fromarray(self.dy).resize(self.size, Image.Resampling.BICUBIC))
            from_x = dx + np.arange(1, width + 1, dtype=np.float32)
            from_y = dy + np.arange(1, height + 1, dtype=np.float32)[:, None]
            np.clip(from_x, 0, width + 0.99, out=from_x)
            np.clip(from_y, 0, height + 0.99, out=from_y)
            self._sources = from_x, from_y
        return self._sources

    def set_sources(self, from_x: Field, from_y: Field) -> None:
        """Give the source of every pixel outright, counted from 1, instead of a displacement at the nodes."""
        width, height = self.size
        self._sources = np.clip(from_x, 0, width + 0.99), np.clip(from_y, 0, height + 0.99)

    def mask(self, image: Image.Image) -> Image.Image:
        """Return a warped mask ("L"), bilinear; nothing comes in from outside."""
        from_x, from_y = self.sources()
        width, height = self.size
        padded = np.zeros((height + 2, width + 2), np.float32)
        padded[1:-1, 1:-1] = np.asarray(image)
        flat = padded.ravel()
        left, top = from_x.astype(np.int32), from_y.astype(np.int32)
        at = top * (width + 2) + left
        part_x, part_y = from_x - left, from_y - top
        upper = flat[at]
        upper += part_x * (flat[at + 1] - upper)
        at += width + 2
        lower = flat[at]
        lower += part_x * (flat[at + 1] - lower)
        upper += part_y * (lower - upper)
        return Image.fromarray(upper.astype(np.uint8))

    def colours(self, image: Image.Image) -> Image.Image:
        """Return a warped colour picture, nearest neighbour, its edge repeated outside."""
        from_x, from_y = self.sources()
        columns = np.clip(from_x.astype(np.int32) - 1, 0, self.size[0] - 1)
        rows = np.clip(from_y.astype(np.int32) - 1, 0, self.size[1] - 1)
        return Image.fromarray(np.asarray(image)[rows, columns])


def wave(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """Sine along x, along y or both."""
    warp = Warp(size, 8)
    w, h = size
    kind = dice.random()
    if kind < 0.8:
        period = w * dice.uniform(0.35, 1.3)
        amplitude = h * dice.uniform(0.03, 0.13) * strength
        warp.dy = np.float32(amplitude) * np.sin(
            warp.x * np.float32(2 * math.pi / period) + np.float32(dice.uniform(0, 6.3))
        )
    if kind > 0.5:
        period = h * dice.uniform(0.6, 2.0)
        amplitude = h * dice.uniform(0.02, 0.09) * strength
        warp.dx = np.float32(amplitude) * np.sin(
            warp.y * np.float32(2 * math.pi / period) + np.float32(dice.uniform(0, 6.3))
        )
    return warp


def elastic(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """Smooth random displacement."""
    warp = Warp(size, 10)
    h = size[1]
    rows, columns = warp.x.shape
    for name in ("dx", "dy"):
        coarse = dice.arrays.uniform(-1, 1, (max(2, rows // 2 + 1), max(2, columns // 2 + 1)))
        spread = Image.fromarray(coarse.astype(np.float32)).resize((columns, rows), Image.Resampling.BICUBIC)
        setattr(warp, name, np.asarray(spread) * np.float32(h * dice.uniform(0.02, 0.09) * strength))
    return warp


def ripple(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """Rings around a point, or a bulge there."""
    warp = Warp(size, 8)
    w, h = size
    x0, y0 = w * dice.uniform(0.1, 0.9), h * dice.uniform(0.2, 0.8)
    away_x, away_y = warp.x - x0, warp.y - y0
    radius = np.hypot(away_x, away_y) + 1e-3
    if dice.chance(0.5):
        period = h * dice.uniform(0.5, 1.5)
        push = h * dice.uniform(0.02, 0.06) * strength * np.sin(radius * (2 * math.pi / period))
        push = push / radius
    else:
        reach = h * dice.uniform(0.6, 1.4)
        push = dice.uniform(-0.45, 0.3) * strength * np.exp(-((radius / reach) ** 2))
    warp.dx, warp.dy = (away_x * push).astype(np.float32), (away_y * push).astype(np.float32)
    return warp


def swirl(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """A turn about a point that fades away from it, as ImageMagick's ``-swirl`` does."""
    warp = Warp(size, 8)
    w, h = size
    away_x, away_y = warp.x - w * dice.uniform(0.2, 0.8), warp.y - h * dice.uniform(0.3, 0.7)
    reach = dice.uniform(h * 0.6, w * 0.6)
    part = np.clip(1 - np.hypot(away_x, away_y) / reach, 0, 1)
    angle = math.radians(dice.uniform(15, 55)) * dice.choice((-1, 1)) * strength * part * part
    cos, sin = np.cos(angle), np.sin(angle)
    warp.dx = (away_x * (cos - 1) - away_y * sin).astype(np.float32)
    warp.dy = (away_x * sin + away_y * (cos - 1)).astype(np.float32)
    return warp


def perspective(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """A tilted plane; also trapezia and slants."""
    warp = Warp(size, 12)
    w, h = size
    u, v = warp.x / w, warp.y / h
    corners = [[h * dice.uniform(-0.14, 0.14) * strength for _ in range(4)] for _ in range(2)]
    for name, (nw, ne, sw, se) in zip(("dx", "dy"), corners, strict=True):
        field = nw * (1 - u) * (1 - v) + ne * u * (1 - v) + sw * (1 - u) * v + se * u * v
        setattr(warp, name, field.astype(np.float32))
    return warp


def piecewise(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """Blocks shifted against each other, joined by short slopes."""
    warp = Warp(size, 9)
    h = size[1]
    rows, columns = warp.x.shape
    across = dice.arrays.uniform(-1, 1, columns) * h * dice.uniform(0.0, 0.06) * strength
    along = dice.arrays.uniform(-1, 1, rows) * h * dice.uniform(0.01, 0.07) * strength
    warp.dy = np.tile(across.astype(np.float32), (rows, 1))
    warp.dx = np.tile(along.astype(np.float32)[:, None], (1, columns))
    return warp


def sliced(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """Strips cut and shifted against each other, rows or columns, with sharp edges."""
    width, height = size
    warp = Warp(size, 64)
    from_x = np.tile(np.arange(1, width + 1, dtype=np.float32), (height, 1))
    from_y = np.tile(np.arange(1, height + 1, dtype=np.float32)[:, None], (1, width))
    reach = height * dice.uniform(0.02, 0.08) * strength
    if dice.chance(0.5):
        strip = dice.randint(1, max(3, height // 3))
        shifts = dice.arrays.uniform(-reach, reach, height // strip + 1).repeat(strip)[:height]
        from_x += shifts[:, None].astype(np.float32)
    else:
        strip = dice.randint(2, max(3, height // 2))
        shifts = dice.arrays.uniform(-reach, reach, width // strip + 1).repeat(strip)[:width]
        from_y += shifts.astype(np.float32)
    warp.set_sources(from_x, from_y)
    return warp


def spread(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """A wave with frayed edges: each pixel comes from a random one beside it, as ImageMagick's ``-spread`` does."""
    width, height = size
    warp = wave(dice, size, strength)
    reach = max(0.6, height * dice.uniform(0.008, 0.025))
    along, across = dice.choice(((1.0, 0.0), (1.0, 1.0), (1.0, 0.4)))
    from_x, from_y = warp.sources()
    warp.set_sources(
        from_x + dice.arrays.uniform(-reach * along, reach * along, (height, width)).astype(np.float32),
        from_y + dice.arrays.uniform(-reach * across, reach * across, (height, width)).astype(np.float32),
    )
    return warp


_KINDS = (wave, wave, wave, elastic, elastic, ripple, swirl, perspective, perspective, piecewise, sliced, spread)


def any_warp(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """Return a warp of any kind."""
    return dice.choice(_KINDS)(dice, size, strength)


def whole(dice: Dice, image: Image.Image) -> Image.Image:
    """Warp a finished picture, clutter and all."""
    return any_warp(dice, image.size, dice.uniform(0.3, 0.9)).colours(image)
