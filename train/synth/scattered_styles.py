"""Style families of characters that are strewn over the picture: small in much room, among decoys, of uneven sizes."""

from PIL import Image, ImageDraw

from train.synth import clutter, compose
from train.synth.backgrounds import near
from train.synth.colours import Colour, blended, vivid
from train.synth.layout import Text
from train.synth.sample import Dice


def roomy(dice: Dice, label: str) -> Image.Image:
    """Small characters far apart in a large picture, among lines and circles larger than they are."""
    made = compose.scene(dice, label, same_ink=0.55)
    height = dice.randint(70, 220)
    cap = height * dice.uniform(0.16, 0.4)
    width = max(height * dice.uniform(1.4, 3.6), cap * len(label) * 0.95)
    made.change(
        width_px=round(width),
        height_px=height,
        cap_px=cap,
        cells=dice.chance(0.75),
        gap=dice.uniform(0.1, 1.2),
        gap_spread=dice.uniform(0.0, 0.25),
        lift=dice.choice((0.0, 0.3, 0.8, 0.5 * height / cap - 0.55)),
        angle_deg=dice.choice((0.0, 0.0, 15.0, 30.0)),
        size_spread=dice.choice((0.0, 0.08)),
        native=dice.chance(0.3),
    )
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    ink = clutter.pen(dice, made.inks)
    if dice.chance(0.6):
        _large_clutter(dice, image, ink, cap)
    image = compose.painted(dice, text, image, made.inks, compose.any_warp(dice, text.mask.size, 0.1))
    if dice.chance(0.7):
        _large_clutter(dice, image, ink, cap)
    if dice.chance(0.4):
        clutter.dots(dice, image, ink, dice.uniform(0.003, 0.06))
    return compose.finished(dice, image)


def _large_clutter(dice: Dice, image: Image.Image, ink: clutter.Pen, cap_px: float) -> None:
    """Long lines, some as thick as bars, and hollow circles larger than characters."""
    part, most = dice.choice(((0.05, 9), (0.1, 9), (0.2, 5), (0.3, 3)))
    kind = dice.random()
    if kind < 0.7:
        clutter.lines(dice, image, ink, dice.randint(1, most), (1, max(1, round(cap_px * part))))
    if kind > 0.45:
        widest = max(1, round(cap_px * 0.12))
        clutter.rings(dice, image, ink, dice.randint(1, 8), (0.3 * cap_px, 2.2 * cap_px), (1, widest))


def crowd(dice: Dice, label: str) -> Image.Image:
    """Text among many decoys, smaller or fainter than it, perhaps strung on a line from character to character."""
    made = compose.scene(dice, label, same_ink=0.75)
    made.often_on_white(dice, 0.5, same_ink=0.75)
    cap = max(15.0, made.size[1] * dice.uniform(0.36, 0.62))
    made.change(
        cap_px=cap,
        width_px=round(cap * len(label) * dice.uniform(0.9, 1.6)),
        slant=dice.choice((0.0, 0.3, 0.8)),
        angle_deg=dice.choice((0.0, 15.0, 30.0)),
        lift=dice.choice((0.0, 0.2, 0.45)),
        cells=dice.chance(0.5),
    )
    made.faces = made.faces[:1]
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    pale = dice.chance(0.5)

    def decoy_ink() -> Colour:
        colour = vivid(dice) if dice.chance(0.6) else near(dice, (128, 128, 128), 60)
        return blended(colour, made.background, dice.uniform(0.25, 0.6)) if pale else colour

    small = cap * (dice.uniform(0.3, 0.65) if pale else dice.uniform(0.22, 0.48))
    clutter.decoys(dice, image, decoy_ink, dice.randint(6, 70), small)
    image = compose.painted(dice, text, image, made.inks, compose.any_warp(dice, text.mask.size, 0.1))
    if dice.chance(0.35):
        _strung(dice, image, text, made.inks[0], max(1, round(cap * dice.choice((0.04, 0.08, 0.1)))))
    if dice.chance(0.35):
        clutter.decoys(dice, image, decoy_ink, dice.randint(1, 3 * len(label)), min(small, cap * 0.36))
    return compose.finished(dice, image, 0.8)


def _strung(dice: Dice, image: Image.Image, text: Text, colour: Colour, width_px: int) -> None:
    """A line through about the middle of each character."""
    points = [
        (x + mask.width * dice.uniform(0.3, 0.7), y + mask.height * dice.uniform(0.3, 0.7)) for mask, x, y in text.parts
    ]
    ImageDraw.Draw(image).line(points, fill=colour, width=width_px)


def uneven(dice: Dice, label: str) -> Image.Image:
    """Characters of very different sizes and faces that run into each other, under many thin lines and small rings."""
    made = compose.scene(dice, label, same_ink=0.2)
    made.often_on_white(dice, 0.5, same_ink=0.2)
    height = dice.randint(38, 150)
    width = height * dice.uniform(1.9, 3.4)
    mixed = label not in {label.upper(), label.lower()}
    cap = max(12.0, height * dice.uniform(0.3, 0.5))
    made.change(
        width_px=round(width),
        height_px=height,
        cap_px=cap,
        # The size is what tells o from O where both cases come.
        size_spread=0.12 if mixed else dice.choice((0.25, 0.5, 0.7)),
        angle_deg=dice.choice((10.0, 25.0, 40.0)),
        lift=dice.uniform(0.1, 0.4),
        gap=dice.uniform(-0.22, 0.1),
        gap_spread=dice.uniform(0.05, 0.25),
        cells=dice.chance(0.3),
    )
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    image = compose.painted(dice, text, image, made.inks, compose.any_warp(dice, text.mask.size, 0.15))
    colour = clutter.pen(dice, made.inks)
    if dice.chance(0.6):
        clutter.lines(dice, image, colour, dice.randint(3, min(22, height // 4)), (1, 1))
    if dice.chance(0.4):
        clutter.circles(dice, image, colour, dice.randint(4, 30))
    return compose.finished(dice, image, 0.8)
