"""Draws a contact sheet per style family: `python -m train.synth.sheets FOLDER`."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from train.synth.styles import STYLES, draw

COLUMNS, ROWS = 8, 6
CELL_PX = (150, 62)
CAPTION_PX = 12


def sheet(style: str, seed: int = 0) -> Image.Image:
    """Return COLUMNS x ROWS samples of a family, each with its label below."""
    rng = np.random.default_rng(seed)
    page = Image.new("RGB", (COLUMNS * (CELL_PX[0] + 6), ROWS * (CELL_PX[1] + CAPTION_PX + 6)), (196, 206, 222))
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(11)
    for i in range(COLUMNS * ROWS):
        sample = draw(rng, style=style)
        picture = Image.fromarray(sample.image)
        picture.thumbnail(CELL_PX)
        x, y = (i % COLUMNS) * (CELL_PX[0] + 6) + 3, (i // COLUMNS) * (CELL_PX[1] + CAPTION_PX + 6) + 3
        page.paste(picture, (x, y))
        pen.text((x, y + CELL_PX[1]), sample.label, fill=(20, 20, 60), font=font)
    return page


def main(folder: Path) -> None:
    """Write one PNG a family."""
    folder.mkdir(parents=True, exist_ok=True)
    for style in STYLES:
        page = sheet(style).quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        page.save(folder / f"{style}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
