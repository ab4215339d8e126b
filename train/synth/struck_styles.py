"""A style family of characters turned far and struck through by lines as thick as their own strokes."""

from PIL import Image

from train.synth import clutter, compose
from train.synth.backgrounds import near
from train.synth.colours import palette
from train.synth.sample import Dice


def struck(dice: Dice, label: str) -> Image.Image:
    """Characters tumbled about in few strong colours, and lines in these colours that could be their strokes.

    What is a line and what an I or a 7 shows in its ends, its length and the empty place it would leave.
    """
    made = compose.scene(dice, label, same_ink=0.15)
    made.often_on_white(dice, 0.7, same_ink=0.15)
    if dice.chance(0.6):
        made.inks = dice.choices(palette(dice, made.background, 6), k=len(label))
    cap = made.size[1] * dice.uniform(0.38, 0.7)
    cap = max(12.0, min(cap, made.size[0] / len(label) / dice.uniform(0.6, 0.8)))
    made.change(
        cap_px=cap,
        angle_deg=dice.choice((20.0, 45.0, 60.0, 75.0)),
        size_spread=dice.choice((0.0, 0.08)),
        lift=dice.uniform(0.0, 0.25),
        gap=dice.uniform(-0.15, 0.3),
        gap_spread=dice.uniform(0.0, 0.2),
        cells=dice.chance(0.5),
    )
    if dice.chance(0.6):
        made.faces = made.faces[:1]
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    ink = clutter.pen(dice, made.inks) if dice.chance(0.4) else lambda: dice.choice(made.inks)
    before = dice.randint(0, 3)
    thick = max(1, round(cap * dice.choice((0.04, 0.07, 0.1))))
    clutter.lines(dice, image, ink, before, (1, thick))
    image = compose.painted(dice, text, image, made.inks, compose.any_warp(dice, text.mask.size, 0.08))
    clutter.lines(dice, image, ink, dice.randint(1, 6), (max(1, thick - 1), thick))
    if dice.chance(0.4):
        clutter.dots(dice, image, ink, dice.uniform(0.003, 0.03))
    if dice.chance(0.15):
        clutter.lines(dice, image, clutter.fixed(near(dice, made.background, 10)), dice.randint(1, 4), (1, thick))
    if dice.chance(0.25):
        image = _cut(dice, image, cap)
    return compose.finished(dice, image, 0.7)


def _cut(dice: Dice, image: Image.Image, cap_px: float) -> Image.Image:
    """Lose a strip at one side: a generator that does not measure its text cuts into the last character."""
    lost = round(cap_px * dice.uniform(0.05, 0.25))
    if dice.chance(0.7):
        return image.crop((0, 0, image.width - lost, image.height))
    return image.crop((lost, 0, image.width, image.height))
