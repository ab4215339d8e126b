"""A contact sheet of misread images: what is shown, what was read, how surely."""

from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from ocr_model.confusions import aligned
from ocr_model.errors import ImageError
from ocr_model.images import decode_image

COLUMNS = 6
_ROWS_A_SET = 4
_PICTURE = (180, 64)
_CELL = (196, 108)
_HEADING = 30
_INK, _WRONG, _GREY, _CARD = "#1f2328", "#cf222e", "#6e7781", "#f6f8fa"
_LEFT_OUT = "_"


class Misread(NamedTuple):
    """One image whose answer is wrong.

    Attributes:
        path: the image file.
        truth: its text.
        text: what was read.
        confidence: how surely, 0..1.
    """

    path: Path
    truth: str
    text: str
    confidence: float


def draw_sheet(misread: dict[str, list[Misread]]) -> Image.Image:
    """Draw the surest mistakes of each set, most of four rows a set, under its name.

    Args:
        misread: mistakes by set, at least one in all; sets without one are left out.

    Returns:
        An RGB picture.
    """
    shown = {
        name: sorted(each, key=lambda item: -item.confidence)[: COLUMNS * _ROWS_A_SET]
        for name, each in misread.items()
        if each
    }
    height = sum(_HEADING + _CELL[1] * -(-len(each) // COLUMNS) for each in shown.values())
    sheet = Image.new("RGB", (COLUMNS * _CELL[0], height), "white")
    canvas = ImageDraw.Draw(sheet)
    top = 0
    for name, each in shown.items():
        heading = f"{name}: {len(misread[name])} misread" + (
            f", the {len(each)} surest shown" if len(each) < len(misread[name]) else ""
        )
        canvas.text((10, top + 8), heading, fill=_INK, font=ImageFont.load_default(15))
        top += _HEADING
        for index, item in enumerate(each):
            row, column = divmod(index, COLUMNS)
            sheet.paste(_cell(item), (column * _CELL[0], top + row * _CELL[1]))
        top += _CELL[1] * -(-len(each) // COLUMNS)
    return sheet


def _cell(item: Misread) -> Image.Image:
    cell = Image.new("RGB", _CELL, "white")
    canvas = ImageDraw.Draw(cell)
    canvas.rounded_rectangle((3, 3, _CELL[0] - 4, _CELL[1] - 4), 6, fill=_CARD)
    try:
        picture = Image.fromarray(decode_image(item.path.read_bytes()))
        picture.thumbnail(_PICTURE)
        cell.paste(picture, ((_CELL[0] - picture.width) // 2, 8 + (_PICTURE[1] - picture.height) // 2))
    except ImageError as e:
        canvas.text((10, 30), e.detail[:30], fill=_GREY, font=ImageFont.load_default(11))
    large, small = ImageFont.load_default(14), ImageFont.load_default(11)
    canvas.text((10, 74), item.truth, fill=_INK, font=large)
    left = 10.0
    for shown, read in aligned(item.truth, item.text):
        character = read or _LEFT_OUT
        canvas.text((left, 88), character, fill=_GREY if shown == read else _WRONG, font=large)
        left += canvas.textlength(character, font=large)
    canvas.text((_CELL[0] - 12, 90), f"{item.confidence:.2f}", fill=_GREY, font=small, anchor="ra")
    return cell
