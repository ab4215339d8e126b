"""The steps that most style families share: choose, set, warp, paint, clutter."""

import dataclasses

import numpy as np
from PIL import Image

from train.fonts import Face
from train.synth import artefacts, clutter, warps
from train.synth.backgrounds import any_background, random_size
from train.synth.colours import WHITE, Colour, background_colour, ink_colour, inks
from train.synth.glyphs import choose_faces
from train.synth.layout import Setting, Text, set_text
from train.synth.sample import Dice


@dataclasses.dataclass(slots=True)
class Scene:
    """What a family has decided before it paints."""

    label: str
    size: tuple[int, int]
    background: Colour
    inks: list[Colour]
    faces: list[Face]
    setting: Setting

    def often_on_white(self, dice: Dice, rate: float, *, same_ink: float) -> None:
        """Take a white background, as most captchas have, and inks that show on it, with probability `rate`."""
        if dice.chance(rate):
            self.background = WHITE
            self.inks = inks(dice, WHITE, len(self.label), same=same_ink)

    def change(self, **changes: float) -> None:
        """Change parts of the setting."""
        self.setting = dataclasses.replace(self.setting, **changes)  # type: ignore[arg-type]


def scene(dice: Dice, label: str, *, same_ink: float = 0.5) -> Scene:
    """Choose size, colours, faces and a setting over the whole ordinary range."""
    size = random_size(dice, len(label))
    background = background_colour(dice)
    colours = inks(dice, background, len(label), same=same_ink)
    faces = choose_faces(dice, label, 1 if dice.chance(0.6) else len(label))
    return Scene(label, size, background, colours, faces, any_setting(dice, label, size))


def any_setting(dice: Dice, label: str, size: tuple[int, int]) -> Setting:
    """Return a setting: from neat to wild."""
    width, height = size
    cap = height * dice.uniform(0.32, 0.75)
    cap = max(7.0, min(cap, width / len(label) / dice.uniform(0.5, 0.75)))
    wild = dice.choice((0.0, 0.4, 1.0, 1.0))
    mixed = label != label.upper() and label != label.lower()
    gap = dice.uniform(-0.2, 0.12) if dice.chance(0.35) else dice.uniform(0.05, 0.45)
    return Setting(
        width_px=width,
        height_px=height,
        cap_px=cap,
        # In mixed case the size is what tells o from O, so it varies less there.
        size_spread=dice.uniform(0, 0.1 if mixed else 0.28) * wild,
        angle_deg=dice.choice((0, 8, 15, 30, 30, 45, 60)) * wild,
        slant=dice.uniform(0, 0.45) * wild if dice.chance(0.5) else 0.0,
        lift=dice.uniform(0, 0.28) * wild,
        gap=gap,
        gap_spread=dice.uniform(0, 0.12) * wild,
        cells=dice.chance(0.35),
        incline=dice.uniform(-0.12, 0.12) if dice.chance(0.2) else 0.0,
        stretch=dice.uniform(0.6, 1.35) if dice.chance(0.35) else 1.0,
    )


def any_text(dice: Dice, made: Scene) -> Text:
    """Set the scene's text."""
    return set_text(dice, made.label, made.faces, made.setting)


def fainter(mask: Image.Image, part: float) -> Image.Image:
    """Give a mask with so much of its coverage, 0..1."""
    return mask.point([int(part * value) for value in range(256)])


def unsmoothed(dice: Dice, mask: Image.Image) -> Image.Image:
    """Give a mask that covers a pixel wholly or not at all, as simple libraries draw."""
    cut = dice.randint(70, 130)
    return mask.point([255 if value > cut else 0 for value in range(256)])


def painted(
    dice: Dice, text: Text, background: Image.Image, colours: list[Colour], warp: warps.Warp | None
) -> Image.Image:
    """Lay the text, warped or not, over the background in its colours: flat, shaded or see-through."""
    mask = text.mask if warp is None else warp.mask(text.mask)
    if dice.chance(0.05):
        mask = fainter(mask, dice.uniform(0.45, 0.85))
    flat = all(colour == colours[0] for colour in colours)
    if flat and not dice.chance(0.08):
        background.paste(colours[0], (0, 0), mask)
        return background
    if flat or dice.chance(0.1):
        ink = _shaded(dice, text.mask.size, colours)
    else:
        ink = text.coloured(colours)
        if warp is not None:
            ink = warp.colours(ink)
    background.paste(ink, (0, 0), mask)
    return background


def _shaded(dice: Dice, size: tuple[int, int], colours: list[Colour]) -> Image.Image:
    """A gradient from one ink to others, along or down the text."""
    red, green, blue = colours[0]
    stops = [colours[0], *dict.fromkeys(colours[1:])][:4]
    if len(stops) == 1:
        stops.append((min(255, red + dice.randint(0, 70)), green, max(0, blue - dice.randint(0, 70))))
    strip = np.array([stops], np.uint8)
    if dice.chance(0.4):
        strip = strip.transpose(1, 0, 2)
    return Image.fromarray(np.ascontiguousarray(strip)).resize(size, Image.Resampling.BILINEAR)


def any_warp(dice: Dice, size: tuple[int, int], rate: float = 0.4) -> warps.Warp | None:
    """Return a warp with probability `rate`."""
    return warps.any_warp(dice, size, dice.uniform(0.4, 1.2)) if dice.chance(rate) else None


def any_background_for(dice: Dice, text: Text, colour: Colour) -> Image.Image:
    """Return a background of the text's size."""
    return any_background(dice, text.mask.size, colour)


def any_clutter(
    dice: Dice, image: Image.Image, colours: list[Colour], cap_px: float, background: Colour | None = None
) -> Image.Image:
    """Add up to a few kinds of clutter; about a third of images get none.

    Given the background's colour, some of the clutter has it and so cuts the strokes.
    """
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
        ink = clutter.pen(dice, colours)
        if background is not None and dice.chance(0.12):
            ink = clutter.fixed(background)
        thick = max(1, round(cap_px * dice.choice((0.03, 0.05, 0.08, 0.14))))
        kind = dice.random()
        if kind < 0.05:
            clutter.thicket(dice, image, ink, dice.randint(20, 160), cap_px * dice.uniform(0.15, 0.8))
        elif kind < 0.3:
            clutter.lines(dice, image, ink, dice.randint(1, 8), (1, thick))
        elif kind < 0.55:
            clutter.curves(dice, image, ink, dice.randint(1, 3), (1, thick))
        elif kind < 0.65:
            clutter.arcs(dice, image, ink, dice.randint(1, 8))
        elif kind < 0.72:
            clutter.circles(dice, image, ink, dice.randint(2, 15))
        elif kind < 0.9:
            clutter.dots(dice, image, ink, dice.uniform(0.004, 0.08))
        elif kind < 0.93:
            clutter.grid(dice, image, ink())
        else:
            image = clutter.speckle(dice, image)
    return image


def contrasting(dice: Dice, background: Colour, count: int) -> list[Colour]:
    """Return inks well apart from the background, for styles that lose much of it."""
    if dice.chance(0.6):
        return [ink_colour(dice, background, least=90)] * count
    return [ink_colour(dice, background, least=90) for _ in range(count)]


def finished(dice: Dice, image: Image.Image, rate: float = 1.0) -> Image.Image:
    """Apply file artefacts."""
    return artefacts.finish(dice, image, rate=rate)
