"""Style families built of blocks: characters in boxes, pixel fonts, seven-segment digits."""

from PIL import Image, ImageDraw

from train.synth import clutter, compose
from train.synth.backgrounds import any_colour, near
from train.synth.colours import Colour, background_colour, ink_colour, inks
from train.synth.glyphs import choose_faces
from train.synth.layout import Setting, set_text
from train.synth.sample import Dice


def boxes(dice: Dice, label: str) -> Image.Image:
    """Each character in a block of its own colour, upright or turned."""
    height = dice.randint(24, 80)
    side = round(height * dice.uniform(0.6, 1.0))
    pitch = round(side * dice.uniform(0.9, 1.25))
    image = Image.new("RGB", (pitch * len(label) + 4, height), background_colour(dice))
    one_tile = background_colour(dice) if dice.chance(0.3) else None
    turn = dice.choice((0, 0, 12, 25))
    cap = side * dice.uniform(0.45, 0.75)
    faces = choose_faces(dice, label, 1 if dice.chance(0.4) else len(label))
    setting = Setting(width_px=side, height_px=side, cap_px=cap, cells=True, angle_deg=dice.choice((0, 0, 5, 20, 40)))
    used = []
    for i, character in enumerate(label):
        tile_colour = one_tile or background_colour(dice)
        ink = ink_colour(dice, tile_colour)
        used.append(ink)
        text = set_text(dice, character, [faces[i % len(faces)]], setting)
        tile = Image.new("RGB", text.mask.size, tile_colour)
        tile.paste(ink, (0, 0), text.mask)
        where = (2 + i * pitch, dice.randint(0, max(0, height - tile.height)))
        if turn:
            angle = dice.uniform(-turn, turn)
            solid = Image.new("L", tile.size, 255).rotate(angle, expand=True)
            image.paste(tile.rotate(angle, Image.Resampling.BILINEAR, expand=True), where, solid)
        else:
            image.paste(tile, where)
    if dice.chance(0.6):
        image = compose.any_clutter(dice, image, [*used, any_colour(dice)], cap)
    return compose.finished(dice, image)


def bitmap(dice: Dice, label: str) -> Image.Image:
    """Pixel fonts: text drawn tiny without smoothing, then shown as it is or enlarged in blocks."""
    cap = dice.randint(7, 15)
    background = background_colour(dice)
    colours = inks(dice, background, len(label), same=0.55)
    setting = Setting(
        width_px=round(cap * len(label) * dice.uniform(0.6, 1.4)),
        height_px=cap + dice.randint(3, 14),
        cap_px=float(cap),
        native=True,
        size_spread=dice.choice((0.0, 0.0, 0.0, 0.3)) if label == label.upper() else 0.0,
        gap=dice.uniform(0.1, 0.6),
        gap_spread=dice.choice((0.0, 0.0, 0.1)),
        lift=dice.choice((0.0, 0.0, 0.15, 0.4)),
        cells=dice.chance(0.3),
    )
    text = set_text(dice, label, choose_faces(dice, label, 1 if dice.chance(0.75) else len(label)), setting)
    if dice.chance(0.8):
        text.mask = compose.unsmoothed(dice, text.mask)
    image = Image.new("RGB", text.mask.size, background)
    image = compose.painted(dice, text, image, colours, None)
    fine = dice.chance(0.5)
    ink = clutter.pen(dice, colours)
    if fine and dice.chance(0.7):
        clutter.dots(dice, image, ink, dice.uniform(0.005, 0.08))
        if dice.chance(0.6):
            clutter.lines(dice, image, ink, dice.randint(1, 4), (1, 1))
    scale = dice.choice((1, 2, 2, 3, 4) if cap < 12 else (1, 1, 2))
    if scale > 1:
        how = Image.Resampling.NEAREST if dice.chance(0.75) else Image.Resampling.BILINEAR
        image = image.resize((image.width * scale, image.height * scale), how)
    if not fine:
        image = compose.any_clutter(dice, image, colours, cap * scale)
    return compose.finished(dice, image, 0.7)


_SEGMENTS = {  # top, upper left, upper right, middle, lower left, lower right, bottom
    "0": "1110111", "1": "0010010", "2": "1011101", "3": "1011011", "4": "0111010",
    "5": "1101011", "6": "1101111", "7": "1010010", "8": "1111111", "9": "1111011",
}  # fmt: skip


def segments(dice: Dice, label: str) -> Image.Image:
    """Seven-segment digits as on meters and scales; a label with letters is set in an ordinary face instead."""
    if not label.isdigit():
        return _display(dice, label)
    height = dice.randint(28, 90)
    tall = height * dice.uniform(0.5, 0.8)
    wide = tall * dice.uniform(0.45, 0.65)
    thick = tall * dice.uniform(0.07, 0.17)
    pitch = wide + thick * dice.uniform(1.8, 3.5)
    lean = dice.choice((0.0, 0.0, 0.12, 0.2))
    background = background_colour(dice)
    ink = ink_colour(dice, background)
    ghost = near(dice, background, 14) if dice.chance(0.4) else None
    margin = thick + lean * tall
    image = Image.new("RGB", (round(pitch * len(label) + 2 * margin), height), background)
    draw = ImageDraw.Draw(image)
    for i, digit in enumerate(label):
        box = (margin + i * pitch, (height - tall) / 2, wide, tall)
        _segment_digit(draw, digit, box, thick, lean, (ink, ghost))
    if dice.chance(0.5):
        image = compose.any_clutter(dice, image, [ink], tall)
    return compose.finished(dice, image, 1.5)


def _segment_digit(
    draw: ImageDraw.ImageDraw,
    digit: str,
    box: tuple[float, float, float, float],
    thick: float,
    lean: float,
    tones: tuple[Colour, Colour | None],
) -> None:
    left, top, wide, tall = box
    half, gap, r = tall / 2, thick * 0.12, thick / 2
    bars = (  # x0, y0, x1, y1 of each segment's axis
        (0, 0, wide, 0), (0, 0, 0, half), (wide, 0, wide, half), (0, half, wide, half),
        (0, half, 0, tall), (wide, half, wide, tall), (0, tall, wide, tall),
    )  # fmt: skip
    for on, (x0, y0, x1, y1) in zip(_SEGMENTS[digit], bars, strict=True):
        colour = tones[0] if on == "1" else tones[1]
        if colour is None:
            continue
        # A bar with pointed ends, along x or along y.
        dx, dy = (1.0, 0.0) if y0 == y1 else (0.0, 1.0)
        shape = [
            (x0 + dx * gap, y0 + dy * gap),
            (x0 + dx * r + dy * r, y0 + dy * r - dx * r),
            (x1 - dx * r + dy * r, y1 - dy * r - dx * r),
            (x1 - dx * gap, y1 - dy * gap),
            (x1 - dx * r - dy * r, y1 - dy * r + dx * r),
            (x0 + dx * r - dy * r, y0 + dy * r + dx * r),
        ]
        draw.polygon([(left + x + lean * (tall - y), top + y) for x, y in shape], fill=colour)


def _display(dice: Dice, label: str) -> Image.Image:
    """A display's text in an ordinary face: large, straight, on one colour."""
    made = compose.scene(dice, label, same_ink=1.0)
    made.change(angle_deg=0.0, slant=0.0, lift=0.0, size_spread=0.0, native=True, gap=0.2, gap_spread=0.0)
    made.faces = made.faces[:1]
    text = compose.any_text(dice, made)
    image = Image.new("RGB", text.mask.size, made.background)
    return compose.finished(dice, compose.painted(dice, text, image, made.inks, None), 1.5)
