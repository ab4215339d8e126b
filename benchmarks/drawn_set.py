"""Labelled pictures with characters that no shipped model knows: a set to see a service learn them.

    python -m benchmarks.drawn_set OUT --images 1000
    python -m benchmarks.drawn_set OUT --characters äöüß --known 0123456789abc --fonts Some.ttf Other.ttf

Each text has 4 or 5 characters, most of them new ones, beside digits and small letters. By default they are Greek,
Vietnamese and Chinese ones (twelve in all) from the DejaVu, Noto and Noto CJK fonts of this machine (on Debian:
fonts-dejavu-core, fonts-noto-core and fonts-noto-cjk). OUT then holds the images and their labels.csv.
"""

import argparse
import csv
import random
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from train.fonts import FONT_FOLDERS

CHARACTERS = "λξψΩắệỗữ水火山木"
KNOWN = "23456789abcdefghkmnprstuvwxy"
_NEW_SHARE = 0.6
_FONT_FILES = (
    "DejaVuSans.ttf",
    "DejaVuSerif.ttf",
    "NotoSans-Regular.ttf",
    "NotoSerif-Regular.ttf",
    "Noto*CJK-Regular.ttc",
)
_ABSENT = "\uffff"
_HEIGHT_PX = 60


def fonts_of_this_machine() -> list[Path]:
    """The font files that the default characters are drawn with, as far as they are installed."""
    folders = [folder for folder in FONT_FOLDERS if folder.is_dir()]
    return sorted(path for folder in folders for name in _FONT_FILES for path in folder.rglob(name))


def has(font: ImageFont.FreeTypeFont, character: str) -> bool:
    """Whether a font draws a character as itself and not as the box that stands for a missing one."""
    return bytes(font.getmask(character)) != bytes(font.getmask(_ABSENT))


def fonts_by_character(characters: Iterable[str], fonts: Sequence[Path]) -> dict[str, list[Path]]:
    """The fonts that can draw each character; at least one for each.

    Raises:
        SystemExit: there is none for a character.
    """
    loaded = {path: ImageFont.truetype(path, 36) for path in fonts}
    found = {character: [path for path in fonts if has(loaded[path], character)] for character in characters}
    missing = "".join(character for character, able in found.items() if not able)
    if missing:
        raise SystemExit(f"no font here draws {missing}: name some that do with --fonts")
    return found


def drawn(text: str, fonts: dict[str, list[Path]], dice: random.Random) -> Image.Image:
    """Draw a text as a captcha: turned characters, each in a font that has it, under lines and grain."""
    paper = tuple(dice.randint(205, 255) for _ in range(3))
    ink = tuple(dice.randint(0, 110) for _ in range(3))
    image = Image.new("RGB", (24 + 34 * len(text), _HEIGHT_PX), paper)
    x = dice.randint(4, 12)
    for character in text:
        font = ImageFont.truetype(dice.choice(fonts[character]), dice.randint(28, 36))
        tile = Image.new("L", (64, 64))
        ImageDraw.Draw(tile).text((32, 32), character, fill=255, font=font, anchor="mm")
        tile = tile.rotate(dice.uniform(-18, 18), Image.Resampling.BICUBIC)
        left, _, right, _ = tile.getbbox() or (0, 0, 64, 64)
        image.paste(ink, (x - left, dice.randint(-6, 2)), tile)
        x += right - left + dice.randint(1, 6)
    pen = ImageDraw.Draw(image)
    for _ in range(dice.randint(1, 3)):
        ends = [(dice.randint(0, image.width), dice.randint(0, _HEIGHT_PX)) for _ in range(2)]
        pen.line(ends, fill=ink, width=dice.randint(1, 2))
    for _ in range(image.width):
        pen.point((dice.randrange(image.width), dice.randrange(_HEIGHT_PX)), fill=ink)
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(0, 0.7)))


def draw_set(
    out: Path, *, images: int, characters: str, known: str, fonts: Sequence[Path], seed: int
) -> list[tuple[str, str]]:
    """Draw a set into a new folder; file name and label of each image."""
    dice = random.Random(seed)
    able = fonts_by_character({*characters, *known}, fonts)
    out.mkdir(parents=True)
    rows = []
    for number in range(images):
        text = "".join(
            dice.choice(characters if dice.random() < _NEW_SHARE else known) for _ in range(dice.choice((4, 5)))
        )
        name = f"{number:05}.png"
        drawn(text, able, dice).save(out / name)
        rows.append((name, text))
    with (out / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("file", "label"), *rows])
    return rows


def main() -> None:
    """Read the arguments and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--characters", default=CHARACTERS, help="the new ones")
    parser.add_argument("--known", default=KNOWN, help="those beside them")
    parser.add_argument("--fonts", type=Path, nargs="+", default=fonts_of_this_machine())
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    # One code point a character: so labels are compared, and so a charset counts.
    characters = unicodedata.normalize("NFC", arguments.characters)
    rows = draw_set(
        arguments.out,
        images=arguments.images,
        characters=characters,
        known=arguments.known,
        fonts=arguments.fonts,
        seed=arguments.seed,
    )
    print(f"{len(rows)} images with {len(set(characters))} new characters in {arguments.out}")


if __name__ == "__main__":
    main()
