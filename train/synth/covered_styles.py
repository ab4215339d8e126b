"""Style families whose text lies under what hides parts of it: dense grain, or scraps of other colours."""

import math

import numpy as np
from PIL import Image, ImageDraw

from train.synth import clutter, compose
from train.synth.colours import Colour, uniform_colour, vivid
from train.synth.sample import Dice

_SCRAP_OF_CAP = 0.42


def snowed(dice: Dice, label: str) -> Image.Image:
    """Text in grain as dense as the text itself, in its ink and in the ground's colour; or on confetti."""
    made = compose.scene(dice, label, same_ink=0.8)
    made.inks = compose.contrasting(dice, made.background, len(label))
    cap = max(13.0, made.setting.cap_px)
    made.change(cap_px=cap, angle_deg=min(45.0, made.setting.angle_deg), gap=dice.uniform(0.0, 0.4))
    text = compose.any_text(dice, made)
    if dice.chance(0.25):
        image, made.inks = _confetti(dice, text.mask.size, len(label))
    else:
        image = Image.new("RGB", text.mask.size, made.background)
    ink = made.inks[0]
    # Small strokes drown in less.
    most = 0.42 * min(1.0, cap / 28)
    block = dice.choice((1, 1, 1, 2)) if cap > 28 else 1
    if dice.chance(0.3):
        image = grainy(dice, image, ink, block, dice.uniform(0.2, 1.2) * most)
    image = compose.painted(dice, text, image, made.inks, compose.any_warp(dice, text.mask.size, 0.25))
    if dice.chance(0.3):
        clutter.lines(dice, image, clutter.pen(dice, made.inks), dice.randint(1, 8), (1, 2))
    share = dice.uniform(0.2, 1.0) * most
    image = grainy(dice, image, ink, block, share)
    if dice.chance(0.35):
        image = grainy(dice, image, made.background, block, dice.uniform(0.2, 1.0) * (most - 0.7 * share))
    return compose.finished(dice, image, 0.6)


def _confetti(dice: Dice, size: tuple[int, int], count: int) -> tuple[Image.Image, list[Colour]]:
    """A ground whose every pixel has a colour of its own, light or dark, and inks of the other kind."""
    width, height = size
    light = dice.chance(0.7)
    low, high = (dice.randint(90, 190), 256) if light else (0, dice.randint(60, 160))
    ground = dice.arrays.integers(low, high, (height, width, 1 if dice.chance(0.2) else 3), np.uint8)
    ink = uniform_colour(dice, 0, 110) if light else uniform_colour(dice, 170, 255)
    return Image.fromarray(np.broadcast_to(ground, (height, width, 3)).copy()), [ink] * count


def grainy(dice: Dice, image: Image.Image, colour: Colour, block: int, share: float) -> Image.Image:
    """Cover a share of the pixels, 0..1, in blocks of so many, all over or in one part of the image."""
    width, height = image.size
    cells = math.ceil(height / block), math.ceil(width / block)
    hit = dice.arrays.random(cells, np.float32) < share
    mask = hit.repeat(block, 0).repeat(block, 1)[:height, :width]
    if dice.chance(0.15):
        mask[:, : dice.randrange(width // 2)] = False
    image.paste(colour, (0, 0), Image.fromarray(np.ascontiguousarray(mask)))
    return image


def scraps(dice: Dice, label: str) -> Image.Image:
    """Large characters in many colours, with boxes, discs and short thick lines of other colours on and under them."""
    made = compose.scene(dice, label, same_ink=0.15)
    made.often_on_white(dice, 0.6, same_ink=0.15)
    cap = made.size[1] * dice.uniform(0.5, 0.85)
    cap = max(16.0, min(cap, made.size[0] / len(label) / dice.uniform(0.5, 0.7)))
    made.change(
        cap_px=cap,
        gap=dice.uniform(-0.12, 0.3),
        angle_deg=dice.choice((0.0, 0.0, 12.0, 30.0)),
        lift=dice.uniform(0.0, 0.2),
        size_spread=dice.choice((0.0, 0.05)),
    )
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    colour = clutter.pen(dice, made.inks) if dice.chance(0.25) else lambda: vivid(dice)
    if dice.chance(0.5):
        _strewn(dice, image, colour, dice.randint(2, 14), cap)
    image = compose.painted(dice, text, image, made.inks, compose.any_warp(dice, text.mask.size, 0.15))
    covered = image.copy() if dice.chance(0.25) else image
    _strewn(dice, covered, colour, dice.randint(3, 5 + 3 * len(label)), cap)
    if covered is not image:
        # Seen through.
        image = Image.blend(image, covered, dice.uniform(0.3, 0.8))
    if dice.chance(0.2):
        image = compose.any_clutter(dice, image, made.inks, cap)
    return compose.finished(dice, image, 0.8)


def _strewn(dice: Dice, image: Image.Image, colour: clutter.Pen, count: int, cap_px: float) -> None:
    """Scraps of less than half a character, so that each leaves it readable."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    kinds = dice.choice((("box",), ("disc",), ("line",), ("box", "disc", "line"), ("box", "disc", "line", "corner")))
    for _ in range(count):
        x, y = dice.uniform(-0.1, 1.0) * width, dice.uniform(-0.1, 1.0) * height
        kind = dice.choice(kinds)
        if kind == "line":
            turn, reach = dice.uniform(0, 2 * math.pi), cap_px * dice.uniform(0.3, 1.0)
            end = x + reach * math.cos(turn), y + reach * math.sin(turn)
            draw.line((x, y, *end), fill=colour(), width=max(1, round(cap_px * dice.uniform(0.04, 0.14))))
            continue
        across, down = (max(2.0, cap_px * dice.uniform(0.05, _SCRAP_OF_CAP)) for _ in range(2))
        if kind == "box":
            draw.rectangle((x, y, x + across, y + down), fill=colour())
        elif kind == "disc":
            draw.ellipse((x, y, x + across, y + down), fill=colour())
        else:
            draw.polygon([(x, y), (x + across, y + dice.uniform(-down, down)), (x, y + down)], fill=colour())
