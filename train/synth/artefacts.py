"""What files do to an image: frames, resampling, blur, JPEG, palettes."""

import io

from PIL import Image, ImageFilter, ImageOps

from train.synth.colours import BLACK, WHITE, uniform_colour
from train.synth.sample import Dice

_FILTERS = (Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)


def frame(dice: Dice, image: Image.Image) -> Image.Image:
    """A border line, or margins (a letterbox) in black, white or a colour."""
    colour = dice.choice((BLACK, BLACK, WHITE, uniform_colour(dice, 0, 255)))
    kind = dice.random()
    if kind < 0.5:
        return ImageOps.expand(image, dice.choice((1, 1, 1, 2, 3)), colour)
    w, h = image.size
    if kind < 0.8:
        return ImageOps.expand(image, (0, dice.randrange(h // 2 + 1), 0, dice.randrange(h // 2 + 1)), colour)
    return ImageOps.expand(image, (dice.randrange(w // 6 + 1), 0, dice.randrange(w // 6 + 1), 0), colour)


def soften(dice: Dice, image: Image.Image) -> Image.Image:
    """Blur or smooth a little, or sharpen."""
    kind = dice.random()
    if kind < 0.5:
        return image.filter(ImageFilter.SMOOTH)
    if kind < 0.85:
        return image.filter(ImageFilter.BoxBlur(dice.uniform(0.2, 1.0)))
    return image.filter(ImageFilter.SHARPEN)


def filtered(dice: Dice, image: Image.Image) -> Image.Image:
    """Keep what changes from pixel to pixel, or raise it, as image libraries' ready-made filters do."""
    kind = dice.choice((ImageFilter.CONTOUR, ImageFilter.EMBOSS, ImageFilter.FIND_EDGES, ImageFilter.EDGE_ENHANCE_MORE))
    return image.filter(kind)


def rescale(dice: Dice, image: Image.Image) -> Image.Image:
    """Scale down and up again, or to another aspect."""
    w, h = image.size
    if dice.chance(0.5):
        factor = dice.uniform(0.5, 0.85)
        small = image.resize((max(24, round(w * factor)), max(12, round(h * factor))), Image.Resampling.BILINEAR)
        return small.resize((w, h), dice.choice(_FILTERS))
    wide = round(w * dice.uniform(0.75, 1.3))
    return image.resize((wide, h), dice.choice(_FILTERS[1:]))


def encode(dice: Dice, image: Image.Image) -> Image.Image:
    """JPEG at some quality, or few palette colours as in a GIF."""
    if dice.chance(0.6):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=dice.randint(18, 92))
        return Image.open(buffer).convert("RGB")
    dither = Image.Dither.FLOYDSTEINBERG if dice.chance(0.5) else Image.Dither.NONE
    if dice.chance(0.5):
        return image.convert("P", palette=Image.Palette.WEB, dither=dither).convert("RGB")
    return image.quantize(dice.choice((4, 8, 16, 64)), Image.Quantize.FASTOCTREE, dither=dither).convert("RGB")


def grey(image: Image.Image) -> Image.Image:
    """Drop the colour."""
    return image.convert("L").convert("RGB")


def finish(dice: Dice, image: Image.Image, *, rate: float = 1.0) -> Image.Image:
    """Apply a few of the above; `rate` scales how often."""
    if dice.chance(0.18 * rate):
        image = soften(dice, image)
    if dice.chance(0.06 * rate):
        image = grey(image)
    if dice.chance(0.04 * rate):
        image = ImageOps.invert(image)
    if dice.chance(0.02 * rate):
        image = filtered(dice, image)
    if dice.chance(0.12 * rate):
        image = frame(dice, image)
    if dice.chance(0.10 * rate):
        image = rescale(dice, image)
    if dice.chance(0.22 * rate):
        image = encode(dice, image)
    return image
