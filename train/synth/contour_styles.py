"""Style families of doubled glyphs: contours only, shadows, 3-D blocks with a face and sides."""

import math

from PIL import Image, ImageChops, ImageFilter

from train.synth import clutter, compose
from train.synth.backgrounds import any_colour, darker, near
from train.synth.colours import BLACK, blended, distance, ink_colour
from train.synth.sample import Dice


def outline(dice: Dice, label: str) -> Image.Image:
    """Contours only, thin strokes in one or many colours, apart or run together."""
    made = compose.scene(dice, label, same_ink=0.35)
    made.often_on_white(dice, 0.6, same_ink=0.35)
    cap = max(15.0, made.setting.cap_px)
    pen = dice.choice((0.4, 0.5, 0.6, 0.8, 1.0)) * max(1.0, cap / 34)
    made.change(cap_px=cap, stroke_px=round(pen, 1), height_px=max(made.size[1], round(cap * 1.3)))
    warp_rate = 0.2
    if dice.chance(0.2):
        # Hollow glyphs that run into each other under a wave.
        made.change(gap=dice.uniform(-0.3, -0.1), cells=False, size_spread=0.0)
        warp_rate = 0.7
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    warp = compose.any_warp(dice, text.mask.size, warp_rate)
    if dice.chance(0.12):
        # Filled faintly as well.
        solid = text.mask.filter(ImageFilter.MaxFilter(5))
        image.paste(near(dice, made.background, 40), (0, 0), solid if warp is None else warp.mask(solid))
    image = compose.painted(dice, text, image, made.inks, warp)
    if dice.chance(0.6):
        clutter.curves(dice, image, clutter.pen(dice, made.inks), dice.randint(1, 3), (1, 2))
    elif dice.chance(0.6):
        image = compose.any_clutter(dice, image, made.inks, cap)
    return compose.finished(dice, image, 0.7)


def shadow(dice: Dice, label: str) -> Image.Image:
    """Shadows, 3-D doubles, embossing: the text again, shifted, in another tone."""
    made = compose.scene(dice, label, same_ink=0.6)
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    warp = compose.any_warp(dice, text.mask.size, 0.3)
    reach = max(1.0, made.setting.cap_px * dice.uniform(0.03, 0.16))
    angle = dice.uniform(0, 2 * math.pi)
    tone = dice.choice((darker(made.inks[0], 0.5), near(dice, made.background, 90), BLACK, any_colour(dice)))
    if dice.chance(0.2):
        # Hollow: the face of the letters has the background's colour, only the shadow shows.
        made.inks = [near(dice, made.background, 12)] * len(label)
        tone = ink_colour(dice, made.background, least=90)
    elif distance(tone, made.inks[0]) < 40:
        tone = near(dice, made.background, 60)
    mask = text.mask if warp is None else warp.mask(text.mask)
    shift = reach * math.cos(angle), reach * math.sin(angle)
    # Solid all the way there, or once at the end.
    image.paste(tone, (0, 0), _swept(mask, shift, steps=max(1, round(reach)) if dice.chance(0.5) else 1))
    image = compose.painted(dice, text, image, made.inks, warp)
    if dice.chance(0.6):
        image = compose.any_clutter(dice, image, made.inks, made.setting.cap_px)
    return compose.finished(dice, image, 0.8)


def block_letters(dice: Dice, label: str) -> Image.Image:
    """Letters as blocks: a rim around an empty or pale face, and sides that are filled, or rimmed as well."""
    made = compose.scene(dice, label, same_ink=0.35)
    made.often_on_white(dice, 0.6, same_ink=0.35)
    cap = max(18.0, made.setting.cap_px)
    made.change(cap_px=cap, height_px=max(made.size[1], round(cap * 1.4)), gap=max(0.04, made.setting.gap))
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    warp = compose.any_warp(dice, text.mask.size, 0.15)
    inks = made.inks
    if dice.chance(0.3):
        # Pale inks: the blocks are large enough to be told all the same.
        part = dice.uniform(0.35, 0.8)
        inks = [blended(ink, made.background, part) for ink in inks]
    mask, ink = text.mask, text.coloured(inks)
    if warp is not None:
        mask, ink = warp.mask(mask), warp.colours(ink)
    # The rim lies outside the glyph, or inside it where that leaves a face.
    inside = cap > 30 and dice.chance(0.5)
    rim, face = (
        (mask, mask.filter(ImageFilter.MinFilter(3))) if inside else (mask.filter(ImageFilter.MaxFilter(3)), mask)
    )
    reach = cap * dice.uniform(0.03, 0.18)
    angle = dice.choice((math.pi / 4, 3 * math.pi / 4, dice.uniform(0, 2 * math.pi)))
    shift = reach * math.cos(angle), reach * math.sin(angle)
    steps = max(1, round(reach))
    image.paste(ink, (0, 0), _swept(rim, shift, steps=steps))
    paper = made.background if dice.chance(0.7) else near(dice, made.background, 50)
    if dice.chance(0.4):
        image.paste(paper, (0, 0), _swept(face, shift, steps=steps))
    # A rim may be so thin or pale that the sides alone show which letter it is.
    image.paste(ink, (0, 0), rim if dice.chance(0.5) else compose.fainter(rim, dice.uniform(0.2, 1.0)))
    image.paste(paper, (0, 0), face)
    if dice.chance(0.6):
        image = compose.any_clutter(dice, image, made.inks, cap)
    return compose.finished(dice, image, 0.8)


def _swept(mask: Image.Image, shift: tuple[float, float], *, steps: int) -> Image.Image:
    """Give what the mask covers in so many steps to the shift's end, its place at the start left out."""
    covered = Image.new("L", mask.size)
    for step in range(1, steps + 1):
        moved = Image.new("L", mask.size)
        moved.paste(mask, (round(shift[0] * step / steps), round(shift[1] * step / steps)))
        covered = ImageChops.lighter(covered, moved)
    return covered
