"""Chooses colours: backgrounds, and inks that can be told from them."""

import colorsys

from train.synth.sample import Dice

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
# The named colours that programmers reach for first.
PURE: tuple[Colour, ...] = (
    (0, 0, 0), (255, 0, 0), (0, 0, 255), (0, 255, 0), (0, 128, 0), (255, 165, 0), (64, 64, 64), (128, 0, 128),
    (0, 128, 128), (165, 42, 42), (255, 0, 255), (0, 255, 255), (255, 255, 0), (255, 255, 255), (0, 0, 139),
)  # fmt: skip
_MIN_DISTANCE = 75.0


def luminance(colour: Colour) -> float:
    """Return the Rec. 601 luma, 0..255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def distance(one: Colour, other: Colour) -> float:
    """Return how far apart two colours look, 0..255: mostly luma, partly hue."""
    red, green, blue = (abs(a - b) for a, b in zip(one, other, strict=True))
    return max(abs(luminance(one) - luminance(other)), 0.45 * max(red, green, blue))


def blended(one: Colour, other: Colour, part: float) -> Colour:
    """Return so much of one colour, 0..1, and for the rest the other."""
    red, green, blue = (round(part * a + (1 - part) * b) for a, b in zip(one, other, strict=True))
    return red, green, blue


def uniform_colour(dice: Dice, low: int, high: int) -> Colour:
    """Return a colour whose channels are independent in low..high."""
    return dice.randint(low, high), dice.randint(low, high), dice.randint(low, high)


def vivid(dice: Dice) -> Colour:
    """Return a saturated colour of any hue."""
    red, green, blue = colorsys.hsv_to_rgb(dice.random(), dice.uniform(0.55, 1.0), dice.uniform(0.35, 1.0))
    return round(red * 255), round(green * 255), round(blue * 255)


def background_colour(dice: Dice) -> Colour:
    """Return a background: mostly white or pale, sometimes any, dark or black."""
    kind = dice.choices(("white", "pale", "grey", "any", "vivid", "black", "dark"), (38, 28, 8, 10, 7, 4, 5))[0]
    grey = dice.randint(150, 250)
    chosen: dict[str, Colour] = {
        "white": WHITE,
        "pale": uniform_colour(dice, 215, 255),
        "grey": (grey, grey, grey),
        "any": uniform_colour(dice, 0, 255),
        "vivid": vivid(dice),
        "black": BLACK,
        "dark": uniform_colour(dice, 0, 80),
    }
    return chosen[kind]


def ink_colour(dice: Dice, background: Colour, *, least: float = _MIN_DISTANCE) -> Colour:
    """Return an ink at least `least` apart from the background."""
    for _ in range(8):
        kind = dice.random()
        if kind < 0.18:
            ink = BLACK if luminance(background) > 110 else WHITE
        elif kind < 0.42:
            ink = uniform_colour(dice, 0, 120) if luminance(background) > 110 else uniform_colour(dice, 140, 255)
        elif kind < 0.72:
            ink = vivid(dice)
        elif kind < 0.8:
            grey = dice.randint(0, 255)
            ink = (grey, grey, grey)
        else:
            ink = uniform_colour(dice, 0, 255)
        if distance(ink, background) >= least:
            return ink
    return BLACK if luminance(background) > 110 else WHITE


def palette(dice: Dice, background: Colour, most: int = 5) -> list[Colour]:
    """Return two to ``most`` of the named colours that show on the background."""
    seen = [colour for colour in PURE if distance(colour, background) >= 40] or [BLACK]
    return dice.sample(seen, min(len(seen), dice.randint(2, most)))


def inks(dice: Dice, background: Colour, count: int, *, same: float = 0.5) -> list[Colour]:
    """Return an ink for each character: with probability `same` one for all, else any or from a small palette."""
    least = dice.choice((40.0, 70.0, 70.0, 110.0))
    if dice.chance(same):
        return [ink_colour(dice, background, least=least)] * count
    if dice.chance(0.25):
        return dice.choices(palette(dice, background), k=count)
    return [ink_colour(dice, background, least=least) for _ in range(count)]
