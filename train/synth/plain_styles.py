"""Style families of filled glyphs: the ordinary captcha, the neat display, waves, tiny noisy text, tilted lines."""

from PIL import Image, ImageChops

from train.synth import clutter, compose, warps
from train.synth.backgrounds import any_background
from train.synth.colours import BLACK, WHITE, Colour, inks, uniform_colour
from train.synth.glyphs import choose_faces
from train.synth.layout import Setting, set_text
from train.synth.patterns import pattern_mask
from train.synth.sample import Dice


def mixed(dice: Dice, label: str) -> Image.Image:
    """Any setting, any colours, any warp, any clutter."""
    made = compose.scene(dice, label)
    text = compose.any_text(dice, made)
    cap = made.setting.cap_px
    image = compose.any_background_for(dice, text, made.background)
    if dice.chance(0.15):
        image = compose.any_clutter(dice, image, made.inks, cap)
    image = compose.painted(dice, text, image, made.inks, compose.any_warp(dice, text.mask.size))
    image = compose.any_clutter(dice, image, made.inks, cap, made.background)
    if dice.chance(0.06):
        image = warps.whole(dice, image)
    return compose.finished(dice, image)


def neat(dice: Dice, label: str) -> Image.Image:
    """Kiosks, meters, tickets: straight text with little disturbance."""
    made = compose.scene(dice, label, same_ink=0.9)
    made.change(
        angle_deg=dice.choice((0.0, 0.0, 4.0)),
        slant=0.0,
        lift=dice.choice((0.0, 0.03)),
        size_spread=0.0,
        native=dice.chance(0.6),
        gap=dice.uniform(0.02, 0.4),
        gap_spread=0.0,
    )
    made.faces = made.faces[:1]
    text = compose.any_text(dice, made)
    image = compose.any_background_for(dice, text, made.background)
    image = compose.painted(dice, text, image, made.inks, None)
    if dice.chance(0.4):
        image = compose.any_clutter(dice, image, made.inks, made.setting.cap_px)
    return compose.finished(dice, image, 1.5)


def wave(dice: Dice, label: str) -> Image.Image:
    """Crowded glyphs under one strong wave, with curves of the same colour through them, perhaps worn."""
    made = compose.scene(dice, label, same_ink=1.0)
    made.often_on_white(dice, 0.7, same_ink=1.0)
    cap = made.size[1] * dice.uniform(0.35, 0.62)
    made.change(
        cells=False,
        gap=dice.uniform(-0.16, 0.1),
        cap_px=cap,
        angle_deg=dice.choice((0.0, 10.0, 20.0)),
        lift=dice.uniform(0, 0.15),
    )
    made.faces = made.faces[:1]
    text = compose.any_text(dice, made)
    if cap > 18 and dice.chance(0.35):
        text.mask = ImageChops.multiply(text.mask, pattern_mask(dice, text.mask.size, cap))
    image = compose.any_background_for(dice, text, made.background)
    warp = warps.wave(dice, text.mask.size, dice.uniform(0.7, 1.7))
    image = compose.painted(dice, text, image, made.inks, warp)
    thick = max(1, round(cap * 0.12))
    for _ in range(dice.choice((0, 1, 1, 1, 2))):
        clutter.curves(dice, image, clutter.fixed(made.inks[0]), 1, (1, thick))
    if dice.chance(0.25):
        # Curves in the background's colour cut the strokes.
        clutter.curves(dice, image, clutter.fixed(made.background), dice.randint(1, 3), (1, 3))
    return compose.finished(dice, image, 0.8)


def tilted(dice: Dice, label: str) -> Image.Image:
    """A whole line turned, small on a larger ground, as a picture that was turned as a whole."""
    made = compose.scene(dice, label, same_ink=0.6)
    cap = dice.uniform(14.0, 30.0)
    made.change(
        width_px=1,
        height_px=1,
        cap_px=cap,
        angle_deg=dice.choice((0.0, 0.0, 10.0)),
        lift=dice.choice((0.0, 0.08)),
        size_spread=0.0,
        cells=False,
        incline=0.0,
        gap=dice.uniform(0.02, 0.3),
    )
    text = compose.any_text(dice, made)
    steep = 40.0 if len(label) <= 6 else 20.0
    angle = dice.uniform(6.0, steep) * dice.choice((-1, 1))
    turned = text.mask.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    ink = text.coloured(made.inks).rotate(angle, expand=True)
    size = round(turned.width * dice.uniform(1.0, 1.5)) + 2, round(turned.height * dice.uniform(1.0, 1.4)) + 2
    place = dice.randint(0, size[0] - turned.width), dice.randint(0, size[1] - turned.height)
    image = any_background(dice, size, made.background)
    image.paste(ink, place, turned)
    image = compose.any_clutter(dice, image, made.inks, cap, made.background)
    return compose.finished(dice, image)


def tiny(dice: Dice, label: str) -> Image.Image:
    """Low resolution, dense dark noise, lines as dark as the text."""
    height = dice.randint(18, 36)
    cap = height * dice.uniform(0.42, 0.72)
    width = round(max(height * dice.uniform(2.0, 3.4), cap * len(label) * dice.uniform(0.62, 0.95)))
    pale: Colour = dice.choice((WHITE, uniform_colour(dice, 200, 255), (200, 200, 200)))
    dark: Colour = dice.choice((BLACK, uniform_colour(dice, 0, 110)))
    setting = _tiny_setting(dice, (width, height), cap)
    colours = [dark] * len(label) if dice.chance(0.6) else inks(dice, pale, len(label), same=0.2)
    text = set_text(dice, label, choose_faces(dice, label, 1 if dice.chance(0.7) else len(label)), setting)
    if dice.chance(0.3):
        text.mask = compose.unsmoothed(dice, text.mask)
    image = compose.any_background_for(dice, text, pale)
    if dice.chance(0.2):
        clutter.dots(dice, image, clutter.pen(dice, colours), dice.uniform(0.02, 0.2))
    image = compose.painted(dice, text, image, colours, compose.any_warp(dice, text.mask.size, 0.25))
    ink = clutter.pen(dice, colours)
    if dice.chance(0.7):
        clutter.dots(dice, image, ink, dice.uniform(0.01, 0.14))
    if dice.chance(0.6):
        clutter.lines(dice, image, ink, dice.randint(1, 7), (1, 1))
    if dice.chance(0.2):
        clutter.dots(dice, image, clutter.fixed(pale), dice.uniform(0.01, 0.1))
    if dice.chance(0.25):
        image = clutter.speckle(dice, image)
    return compose.finished(dice, image, 0.8)


def _tiny_setting(dice: Dice, size: tuple[int, int], cap_px: float) -> Setting:
    turn = dice.choice((0.0, 0.0, 10.0, 25.0, 40.0))
    return Setting(
        width_px=size[0],
        height_px=size[1],
        cap_px=cap_px,
        size_spread=dice.choice((0.0, 0.0, 0.1)),
        angle_deg=turn,
        lift=dice.choice((0.0, 0.05, 0.2)),
        cells=dice.chance(0.4),
        native=dice.chance(0.6),
        gap=dice.uniform(-0.08, 0.25),
    )
