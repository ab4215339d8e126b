"""Warps of a whole image: sine, ripple, elastic, perspective, piecewise shear.

Each is a displacement in pixels at the nodes of a coarse mesh; Pillow's mesh transform does the resampling, which
is faster than a per-pixel map and smooth enough at these sizes.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from train.synth.sample import Dice

Field = NDArray[np.float32]


class Warp:
    """A displacement field on a mesh, so that several images of one size can be warped alike."""

    def __init__(self, size: tuple[int, int], cell_px: int) -> None:
        width, height = size
        columns, rows = max(2, round(width / cell_px)), max(2, round(height / cell_px))
        self.xs = np.round(np.linspace(0, width, columns + 1)).astype(np.int32)
        self.ys = np.round(np.linspace(0, height, rows + 1)).astype(np.int32)
        self.x, self.y = np.meshgrid(self.xs.astype(np.float32), self.ys.astype(np.float32))
        self.dx: Field = np.zeros_like(self.x)
        self.dy: Field = np.zeros_like(self.y)
        self.size = size

    def apply(self, image: Image.Image) -> Image.Image:
        """Return the warped image; what comes from outside is black, so warp masks, not pictures."""
        from_x = (self.x + self.dx).tolist()
        from_y = (self.y + self.dy).tolist()
        xs, ys = self.xs.tolist(), self.ys.tolist()
        mesh = []
        for row in range(len(ys) - 1):
            for column in range(len(xs) - 1):
                box = (xs[column], ys[row], xs[column + 1], ys[row + 1])
                corners = ((row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1))
                quad = [v for r, c in corners for v in (from_x[r][c], from_y[r][c])]
                mesh.append((box, quad))
        return image.transform(self.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def wave(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """Sine along x, along y or both."""
    warp = Warp(size, 8)
    w, h = size
    kind = dice.random()
    if kind < 0.8:
        period = w * dice.uniform(0.35, 1.3)
        amplitude = h * dice.uniform(0.03, 0.13) * strength
        warp.dy = np.float32(amplitude) * np.sin(warp.x * (2 * math.pi / period) + dice.uniform(0, 6.3))
    if kind > 0.5:
        period = h * dice.uniform(0.6, 2.0)
        amplitude = h * dice.uniform(0.02, 0.09) * strength
        warp.dx = np.float32(amplitude) * np.sin(warp.y * (2 * math.pi / period) + dice.uniform(0, 6.3))
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
    warp.dy = np.broadcast_to(across.astype(np.float32), warp.x.shape)
    warp.dx = np.broadcast_to(along.astype(np.float32)[:, None], warp.x.shape)
    return warp


_KINDS = (wave, wave, elastic, ripple, perspective, perspective, piecewise)


def any_warp(dice: Dice, size: tuple[int, int], strength: float = 1.0) -> Warp:
    """Return a warp of any kind."""
    return dice.choice(_KINDS)(dice, size, strength)
