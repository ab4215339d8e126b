"""Varies a whole batch of images at once on the device that trains: more than `train.augment`, at a GPU's price.

Each effect meets a part of the images, so that some stay as they were drawn; texts stay readable.
"""

import math

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own abbreviation
from torch import Tensor


class _Chance:
    """Random numbers for ``count`` images of a batch, of shape (count, 1, 1, 1) unless told otherwise."""

    def __init__(self, count: int, device: torch.device, generator: torch.Generator) -> None:
        self.count = count
        self.device = device
        self.generator = generator

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        size = (self.count, *(shape or (1, 1, 1)))
        return torch.rand(size, device=self.device, generator=self.generator) * (high - low) + low

    def normal(self, *shape: int) -> Tensor:
        return torch.randn((self.count, *shape), device=self.device, generator=self.generator)

    def some(self, share: float, *shape: int) -> Tensor:
        """Tell which images an effect meets."""
        return self.uniform(0, 1, *shape) < share

    def amount(self, share: float, most: float, *shape: int) -> Tensor:
        """Give each image an amount: uniform up to ``most`` for a share of them, zero for the others."""
        return self.uniform(0, most, *shape) * self.some(share, *shape)


def augment_batch(images: Tensor, generator: torch.Generator) -> Tensor:
    """Vary images uint8 (N, 48, 160, 3), wherever they lie; returns new ones of the same shape.

    Args:
        images: at least one.
        generator: of the same device; the same state gives the same images on the same device.
    """
    chance = _Chance(len(images), images.device, generator)
    x = images.permute(0, 3, 1, 2).to(torch.float32) * (1 / 255)
    x = _ghosts(x, chance)
    x = _bent(x, chance)
    x = _tinted(x, chance)
    x = _struck(x, chance)
    x = _blurred(x, chance)
    x = _noisy(x, chance)
    return (x.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def _ghosts(x: Tensor, chance: _Chance) -> Tensor:
    """Lay another image of the batch faintly over some."""
    return torch.lerp(x, x.roll(1, 0), chance.amount(0.1, 0.22))


def _bent(x: Tensor, chance: _Chance) -> Tensor:
    """Turn, shear, scale, move and bend; edges are repeated. All in pixels about the middle."""
    height, width = x.shape[2:]
    rows = torch.arange(height, device=x.device, dtype=torch.float32) - (height - 1) / 2
    columns = torch.arange(width, device=x.device, dtype=torch.float32) - (width - 1) / 2
    v, u = torch.meshgrid(rows, columns, indexing="ij")
    met = chance.some(0.6, 1, 1).float()
    angle = chance.uniform(-0.1, 0.1, 1, 1) * met
    shear = chance.uniform(-0.25, 0.25, 1, 1) * met
    along, across = 1 + chance.uniform(-0.06, 0.14, 1, 1) * met, 1 + chance.uniform(-0.08, 0.16, 1, 1) * met
    # What strangers' images have and few drawn ones: low text in much room, and narrow text.
    across = across + chance.amount(0.22, 0.7, 1, 1)
    along = along + chance.amount(0.08, 0.3, 1, 1)
    left, up = chance.uniform(-5, 5, 1, 1), chance.uniform(-2.5, 2.5, 1, 1)
    sheared = u + shear * v
    cosine, sine = torch.cos(angle), torch.sin(angle)
    to_u = along * (cosine * sheared - sine * v) + left
    to_v = across * (sine * sheared + cosine * v) + up
    to_v = to_v + chance.amount(0.2, 3.0, 1, 1) * torch.sin(
        u / width * chance.uniform(1, 3 * math.tau, 1, 1) + chance.uniform(0, math.tau, 1, 1)
    )
    to_u = to_u + chance.amount(0.2, 3.0, 1, 1) * torch.sin(
        v / height * chance.uniform(1, 2 * math.tau, 1, 1) + chance.uniform(0, math.tau, 1, 1)
    )
    elastic = F.interpolate(chance.normal(2, 3, 8), size=(height, width), mode="bicubic", align_corners=True)
    elastic = elastic * chance.amount(0.3, 1.6)
    grid = torch.stack((to_u + elastic[:, 0], to_v + elastic[:, 1]), dim=-1)
    grid = grid / torch.tensor([width / 2, height / 2], device=x.device)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _tinted(x: Tensor, chance: _Chance) -> Tensor:
    """Permute the channels, invert, drop the colour, and change contrast, brightness and gamma."""
    order = chance.uniform(0, 1, 3).argsort(dim=1)
    order = torch.where(chance.some(0.5, 1), order, torch.arange(3, device=x.device))
    x = x.gather(1, order[:, :, None, None].expand_as(x))
    x = torch.where(chance.some(0.25), 1 - x, x)
    x = torch.where(chance.some(0.06), x.mean(1, keepdim=True), x)
    x = x.clamp(0, 1) ** torch.exp(chance.uniform(-0.5, 0.5) * chance.some(0.25))
    return (x - 0.5) * chance.uniform(0.65, 1.2) + 0.5 + chance.uniform(-0.1, 0.1)


def _colours(x: Tensor, chance: _Chance) -> Tensor:
    """Take one colour (N, 3, 1, 1) from a random place of each image."""
    pixels = x.flatten(2)
    places = (chance.uniform(0, 1, 1) * pixels.shape[2]).long().clamp(max=pixels.shape[2] - 1)
    return pixels.gather(2, places[:, None].expand(-1, 3, -1))[..., None]


def _struck(x: Tensor, chance: _Chance) -> Tensor:
    """Paint a thin line or curve from left to right, in a colour of the image."""
    height, width = x.shape[2:]
    rows = torch.arange(height, device=x.device, dtype=torch.float32)[None, None, :, None]
    along = torch.linspace(0, 1, width, device=x.device)[None, None, None, :]
    for share in (0.25, 0.1):
        start, end = chance.uniform(0, height), chance.uniform(0, height)
        bend = chance.amount(0.5, 10.0) * torch.sin(along * chance.uniform(2, 9) + chance.uniform(0, math.tau))
        distance = (rows - torch.lerp(start, end, along) - bend).abs()
        cover = (chance.uniform(0.4, 1.5) + 0.5 - distance).clamp(0, 1) * chance.some(share)
        x = torch.lerp(x, _colours(x, chance), cover)
    return x


def _blurred(x: Tensor, chance: _Chance) -> Tensor:
    """Blur some a little, and show others at half their resolution."""
    blurred = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    x = torch.lerp(x, blurred, chance.amount(0.15, 1.0))
    halved = F.avg_pool2d(x, 2)
    smooth = F.interpolate(halved, size=x.shape[2:], mode="bilinear")
    return torch.where(chance.some(0.06), smooth, x)


def _noisy(x: Tensor, chance: _Chance) -> Tensor:
    """Add noise, grey or of every channel, and scatter dots in a colour of the image."""
    height, width = x.shape[2:]
    noise = chance.normal(3, height, width)
    noise = torch.where(chance.some(0.5), noise[:, :1], noise)
    x = x + noise * chance.amount(0.2, 0.09)
    dots = chance.uniform(0, 1, 1, height, width) < chance.amount(0.1, 0.05)
    return torch.where(dots, _colours(x, chance), x)
