"""Style families drawn by four published packages, their parameters and fonts varied.

`captcha` draws from `secrets` and the others from the `random` module: both are replaced or seeded for the time of
one drawing, so that an image follows from the generator alone and nobody else's random state is touched.
"""

import contextlib
import functools
import random
import secrets
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from train.synth.colours import Colour, uniform_colour, vivid
from train.synth.glyphs import choose_faces
from train.synth.sample import Dice

_RESAMPLE = (Image.Resampling.BILINEAR,) * 2 + (Image.Resampling.BICUBIC, Image.Resampling.NEAREST)


@contextlib.contextmanager
def seeded(dice: Dice) -> Iterator[None]:
    """Seed the `random` module from the dice; afterwards its state is as before."""
    state = random.getstate()
    random.seed(dice.getrandbits(64))
    try:
        yield
    finally:
        random.setstate(state)


class _SeededSecrets:
    """Stands in for the `secrets` module inside `captcha.image`."""

    def __init__(self, dice: Dice) -> None:
        self.randbits = dice.getrandbits
        self.randbelow = dice.randrange
        self.choice = dice.choice


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def lepture(dice: Dice, label: str) -> Image.Image:
    """PyPI captcha (lepture)."""
    import captcha.image  # noqa: PLC0415 - optional dependency

    width, height = (160, 60) if dice.chance(0.6) else (dice.randint(110, 260), dice.randint(45, 90))
    drawer = _quick_lepture(captcha.image.ImageCaptcha)(width, height)
    scale = height / 60
    # Few distinct sizes, so that loaded fonts are found again.
    sizes = tuple(max(12, 6 * round(size * scale / 6)) for size in (42, 50, 56))
    faces = choose_faces(dice, label, dice.randint(1, 3))
    if dice.chance(0.5):
        loaded = [_sized(name, size) for name in captcha.image.DEFAULT_FONTS for size in (42, 50, 56)]
    else:
        loaded = [face.load(size) for face in faces for size in sizes]
    # Given loaded fonts, it need not open the files anew for every image.
    drawer._truefonts = loaded  # noqa: SLF001 - it has no public way
    if dice.chance(0.25):
        reach = dice.randint(5, 45)
        drawer.character_rotate = (-reach, reach)
        drawer.word_space_probability = dice.random()
        drawer.word_offset_dx = dice.uniform(0.1, 0.4)
    ink = background = None
    if dice.chance(0.2):
        background, ink = uniform_colour(dice, 0, 255), (*uniform_colour(dice, 0, 255), 255)
        if sum(abs(a - b) for a, b in zip(background, ink, strict=False)) < 200:
            background, ink = None, None
    module: Any = captcha.image
    module.secrets = _SeededSecrets(dice)
    try:
        picture: Image.Image = drawer.generate_image(label, bg_color=background, fg_color=ink)
    finally:
        module.secrets = secrets
    return picture


@functools.lru_cache(maxsize=1)
def _quick_lepture(base: Any) -> Any:  # noqa: ANN401 - an untyped package's class
    class Quick(base):  # type: ignore[misc]
        def _draw_character(self, c: str, draw: Any, color: Any) -> Image.Image:  # noqa: ANN401
            if c != " ":
                drawn: Image.Image = super()._draw_character(c, draw, color)
                return drawn
            # Theirs turns and warps a blank picture; only its width matters.
            font = self.truefonts[0]
            return Image.new("RGBA", (max(1, round(font.getlength(c)) + 1), 1))

    return Quick


class _OldFont(ImageFont.FreeTypeFont):
    """A font with the `getsize` that claptcha still calls and Pillow 10 dropped."""

    def getsize(self, text: str) -> tuple[int, int]:
        """Return the text's width and height in pixels."""
        _, _, right, bottom = self.getbbox(text)
        return max(1, round(right)), max(1, round(bottom))


@functools.lru_cache(maxsize=500)
def _old_font(path: str, size: int) -> _OldFont:
    return _OldFont(path, size, layout_engine=ImageFont.Layout.BASIC)


def claptcha(dice: Dice, label: str) -> Image.Image:
    """PyPI claptcha; its white noise, drawn pixel by pixel there, comes from numpy here."""
    from claptcha import Claptcha  # noqa: PLC0415 - optional dependency

    files = [face for face in choose_faces(dice, label, 4) if face.path]
    if not files:
        return lepture(dice, label)
    size = (200, 80) if dice.chance(0.6) else (dice.randint(120, 300), dice.randint(50, 110))
    margin = (dice.randint(5, 25), dice.randint(round(size[1] * 0.12), round(size[1] * 0.28)))
    font = _old_font(files[0].path, max(16, 8 * round((size[1] - 2 * margin[1]) / 8)))
    maker: Any = _fast_claptcha(Claptcha)
    drawer = maker.__new__(maker)
    drawer.dice = dice
    drawer.source, drawer.size, drawer.margin = label, size, margin
    # Its own setter accepts a path only, and loads it for every image.
    drawer._Claptcha__font = font  # noqa: SLF001
    drawer.format, drawer.resample = "PNG", dice.choice(_RESAMPLE)
    drawer.noise = 0.0 if dice.chance(0.45) else dice.uniform(0.1, 0.7)
    with seeded(dice):
        _, image = drawer.image
    picture: Image.Image = image
    return picture


@functools.lru_cache(maxsize=1)
def _fast_claptcha(base: Any) -> Any:  # noqa: ANN401 - an untyped package's class
    class Fast(base):  # type: ignore[misc]
        dice: Dice

        def _whiteNoise(self, size: tuple[int, int]) -> Image.Image | None:  # noqa: N802 - their name
            if self.noise <= 1 / 255:
                return None
            grey = self.dice.arrays.uniform(255 * (1 - self.noise), 255, (size[1], size[0]))
            return Image.fromarray(grey.astype(np.uint8)).convert("RGB")

        def _drawLine(self, image: Image.Image) -> None:  # noqa: N802 - their name
            # As theirs, but as a mask at twice the size, not as RGBA at five times: six times faster.
            width, height = image.size[0] * 2, image.size[1] * 2
            mask = Image.new("L", (width, height))
            ends = (
                width * random.uniform(0, 0.1),
                height * random.random(),
                width * random.uniform(0.9, 1),
                height * random.random(),
            )
            ImageDraw.Draw(mask).line(ends, fill=255, width=round((width * height) ** 0.5 * 2.284e-2))
            mask = self._rndLineTransform(mask).resize(image.size, resample=self.resample)
            image.paste((0, 0, 0), (0, 0), mask)

    return Fast


def wheezy(dice: Dice, label: str) -> Image.Image:
    """PyPI wheezy.captcha."""
    from wheezy.captcha import image as parts  # noqa: PLC0415 - optional dependency

    usual = dice.chance(0.55)
    width, height = (200, 75) if usual else (dice.randint(110, 280), dice.randint(45, 100))
    background = "#EEEECC" if dice.chance(0.5) else _hex(uniform_colour(dice, 190, 255))
    ink = "#5C87B2" if dice.chance(0.5) else _hex(dice.choice((uniform_colour(dice, 0, 150), vivid(dice))))
    files = [face.path for face in choose_faces(dice, label, dice.randint(1, 3)) if face.path]
    if not files:
        return lepture(dice, label)
    scale = height / 75 * dice.uniform(0.7, 1.0) * min(1.0, 4.5 / len(label) * width / height / 2.67)
    sizes = sorted({max(16, 8 * round(size * scale / 8)) for size in (65, 70, 75)})
    changes = [parts.warp(), parts.rotate(), parts.offset()]
    if not usual:
        changes = [parts.warp(dice.uniform(0.1, 0.35), dice.uniform(0.1, 0.3)), parts.rotate(dice.randint(5, 40))]
    squeeze = 0.8 if dice.chance(0.6) else dice.uniform(0.65, 1.0)
    with _cached_fonts(parts):
        text = parts.text(fonts=files, font_sizes=sizes, drawings=changes, color=ink, squeeze_factor=squeeze)
    drawings = [parts.background(background), text]
    if dice.chance(0.85):
        drawings.append(parts.curve(color=ink, width=4 if usual else dice.randint(1, 5)))
    if dice.chance(0.85):
        drawings.append(parts.noise(number=50 if usual else dice.randint(10, 120), color=background))
    if dice.chance(0.85):
        drawings.append(parts.smooth())
    with seeded(dice):
        picture: Image.Image = parts.captcha(drawings=drawings, width=width, height=height)(label)
    return picture


@contextlib.contextmanager
def _cached_fonts(parts: Any) -> Iterator[None]:  # noqa: ANN401 - an untyped package's module
    """Let wheezy take fonts that are loaded already: it would load each anew for every image."""
    original = parts.truetype
    parts.truetype = _sized
    try:
        yield
    finally:
        parts.truetype = original


@functools.lru_cache(maxsize=3)
def _multicolor_maker(size_number: int) -> Any:  # noqa: ANN401 - an untyped package's class
    from multicolorcaptcha import CaptchaGenerator  # noqa: PLC0415 - optional dependency

    maker = CaptchaGenerator(size_number)
    maker.l_fonts = sorted(maker.l_fonts)
    maker.gen_rand_size_font = lambda path, low, high: _sized(path, random.randint(low, high))
    return maker


@functools.lru_cache(maxsize=900)
def _sized(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def multicolor(dice: Dice, label: str) -> Image.Image:
    """PyPI multicolorcaptcha, put together as its `gen_captcha_image` does but for a given text."""
    # Small ones lose the thin strokes of most of its fonts, and were not learnt beyond one in a hundred.
    maker = _multicolor_maker(dice.choices(range(3), (1, 4, 5))[0])
    side = maker.captcha_size[0] // 4
    level = dice.choices(range(6), (4, 3, 4, 2, 0.5, 0.5))[0]
    one_colour = dice.chance(0.6)
    # The package always strikes twice. A network that met only that had learnt none of it after a million images.
    strikes = dice.choice((0, 0, 1, 2, 2))
    with seeded(dice):
        shared = maker.gen_rand_color()
        grounds = [shared if one_colour else maker.gen_rand_color() for _ in label]
        tiles = [
            maker.gen_captcha_char_image(character, (side, side), strikes, ground)["image"]
            for character, ground in zip(label, grounds, strict=True)
        ]
        maker.one_char_image_size = (side, side)
        image: Image.Image = maker.images_join_horizontal(tiles)
        line_count, circle_count = ((0, 0), (1, 10), (2, 17), (3, 25), (4, 50), (5, 70))[level]
        for _ in range(line_count):
            maker.add_rand_horizontal_line_to_image(image, random.randint(1, 5))
        for _ in range(circle_count):
            maker.add_rand_circle_to_image(image, int(0.05 * side), int(0.15 * side))
    if dice.chance(0.6):
        high = round(side * 2.25)
        framed = Image.new("RGB", (image.width, high))
        framed.paste(image, (0, (high - side) // 2))
        image = framed
    return image.convert("RGB")
