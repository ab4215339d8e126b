"""Makes docs/what-was-read.png: the images of docs/images with what the shipped model reads.

    python docs/picture.py [--out docs/what-was-read.png]

The true text stands in each file's name, `<generator>-<text>.<ending>`; a wrong character is red.
"""

import argparse
from difflib import SequenceMatcher
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ocr_model.errors import ImageError
from ocr_model.reader import Reader
from ocr_model.weights import base_folder

HERE = Path(__file__).parent
COLUMNS = 5
CELL = (200, 140)
IMAGE = (180, 72)
INK, WRONG, GREY, CARD = "#1f2328", "#cf222e", "#6e7781", "#f6f8fa"


def main() -> None:
    """Read every image and draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "what-was-read.png")
    arguments = parser.parse_args()
    files = sorted(f for f in (HERE / "images").iterdir() if f.suffix in {".png", ".jpg"})
    reader = Reader.load(base_folder())
    rows = -(-len(files) // COLUMNS)
    picture = Image.new("RGB", (COLUMNS * CELL[0], rows * CELL[1]), "white")
    for index, file in enumerate(files):
        cell = draw_cell(reader, file)
        picture.paste(cell, (index % COLUMNS * CELL[0], index // COLUMNS * CELL[1]))
    picture.quantize(128).save(arguments.out, optimize=True)


def draw_cell(reader: Reader, file: Path) -> Image.Image:
    """One image, below it what was read, how surely, and who drew it."""
    generator, _, truth = file.stem.partition("-")
    (reading,) = reader.read([file.read_bytes()])
    if isinstance(reading, ImageError):
        raise reading
    cell = Image.new("RGB", CELL, "white")
    canvas = ImageDraw.Draw(cell)
    canvas.rounded_rectangle((4, 4, CELL[0] - 4, CELL[1] - 4), 8, fill=CARD)
    image = Image.open(file).convert("RGB")
    image.thumbnail(IMAGE)
    cell.paste(image, ((CELL[0] - image.width) // 2, 10 + (IMAGE[1] - image.height) // 2))
    large, small = ImageFont.load_default(22), ImageFont.load_default(12)
    left = 14.0
    for character, right in marked(reading.text, truth):
        canvas.text((left, 86), character, fill=INK if right else WRONG, font=large)
        left += canvas.textlength(character, font=large)
    note = f"{generator} · {reading.confidence:.2f}"
    canvas.text((CELL[0] - 14, 116), note, fill=GREY, font=small, anchor="ra")
    return cell


def marked(read: str, truth: str) -> list[tuple[str, bool]]:
    """Each character of ``read`` with whether it stands in ``truth`` at its place."""
    right = [False] * len(read)
    for block in SequenceMatcher(a=read, b=truth, autojunk=False).get_matching_blocks():
        right[block.a : block.a + block.size] = [True] * block.size
    return list(zip(read, right, strict=True))


if __name__ == "__main__":
    main()
