"""A style family of characters as a hand writes them: each of its own form, with a pen of changing width."""

from PIL import Image, ImageFilter

from train.synth import clutter, compose, warps
from train.synth.colours import BLACK, WHITE
from train.synth.sample import Dice


def penned(dice: Dice, label: str) -> Image.Image:
    """Characters bent one by one, thick or thin as the pen is, soft at their edges; often white on black."""
    made = compose.scene(dice, label, same_ink=0.95)
    if dice.chance(0.35):
        made.background, made.inks = BLACK, [WHITE] * len(label)
    height = dice.randint(40, 120)
    cap = height * dice.uniform(0.45, 0.75)
    made.change(
        height_px=height,
        width_px=round(cap * len(label) * dice.uniform(0.6, 1.3)),
        cap_px=cap,
        angle_deg=dice.choice((8.0, 15.0, 25.0)),
        slant=dice.choice((0.2, 0.45, 0.7)),
        stretch=dice.uniform(0.6, 1.3),
        lift=dice.uniform(0.0, 0.2),
        gap=dice.uniform(-0.08, 0.35),
        gap_spread=0.08,
        size_spread=0.1,
    )
    text = compose.any_text(dice, made)
    # Fields finer than a character bend each of them its own way.
    for _ in range(dice.randint(1, 2)):
        text.mask = warps.elastic(dice, text.mask.size, dice.uniform(0.5, 1.3)).mask(text.mask)
    text.mask = _inked(dice, text.mask, cap)
    image = compose.any_background_for(dice, text, made.background)
    image = compose.painted(dice, text, image, made.inks, None)
    if dice.chance(0.3):
        image = compose.any_clutter(dice, image, made.inks, cap)
    elif dice.chance(0.2):
        clutter.curves(dice, image, clutter.fixed(made.inks[0]), 1, (1, max(1, round(cap * 0.08))))
    return compose.finished(dice, image)


def _inked(dice: Dice, mask: Image.Image, cap_px: float) -> Image.Image:
    """Draw the strokes anew with a wider or a narrower pen, and blur them a little."""
    if cap_px > 30:
        pen = dice.choice((ImageFilter.MaxFilter(3), ImageFilter.MaxFilter(5), ImageFilter.MinFilter(3), None))
        if pen is not None:
            mask = mask.filter(pen)
    return mask.filter(ImageFilter.BoxBlur(cap_px * dice.uniform(0.0, 0.05)))
