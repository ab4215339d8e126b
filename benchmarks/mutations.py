"""Image files damaged as attackers damage them: with their structure in mind, checksums put right."""

import io
import random
import struct
import zlib
from collections.abc import Callable

from PIL import Image, ImageDraw

from benchmarks.worst_images import PNG_SIGNATURE, encode, png_chunk

Mutate = Callable[[bytes, random.Random], bytes]

_EXTREME = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def seeds() -> list[bytes]:
    """Whole files of every format and of many modes, animations among them."""
    colour = Image.new("RGB", (60, 24), "white")
    ImageDraw.Draw(colour).text((4, 2), "4k7", fill="navy", font_size=16)
    alpha = colour.convert("RGBA")
    alpha.putalpha(colour.convert("L").point(lambda level: 255 - level))
    other = colour.rotate(180)
    exif = Image.Exif()
    exif[0x0112] = 6
    still: list[tuple[str, dict[str, object]]] = [
        ("PNG", {}),
        ("JPEG", {"exif": exif}),
        ("GIF", {}),
        ("BMP", {}),
        ("WEBP", {"lossless": True}),
    ]
    files = [encode(colour, file_format, **options) for file_format, options in still]
    files += [encode(alpha, "PNG"), encode(alpha, "WEBP"), encode(colour, "JPEG", progressive=True)]
    files += [encode(colour.quantize(8), "PNG", transparency=0), encode(colour.convert("1"), "PNG")]
    files += [encode(colour.convert("I;16"), "PNG"), encode(colour.convert("CMYK"), "JPEG")]
    files += [encode(colour.quantize(8), "BMP"), encode(colour.convert("1"), "BMP")]
    files += [encode(colour, name, save_all=True, append_images=[other, colour]) for name in ("PNG", "GIF", "WEBP")]
    return files


def mutated(files: list[bytes], chance: random.Random) -> bytes:
    """One of the files, changed one to four times."""
    data = chance.choice(files)
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(_of_format(data))(data, chance)
    return data


def _of_format(data: bytes) -> list[Mutate]:
    common: list[Mutate] = [_flip, _extreme_number, _cut, _repeat, _drop, _splice]
    # Blind damage to a PNG mostly ends at its checksums: changed chunks are worth more.
    return [*common, *[_png_chunks] * 8] if data.startswith(PNG_SIGNATURE) else common


def _place(data: bytes | bytearray, chance: random.Random) -> int:
    """Half of the damage goes where the headers are."""
    return chance.randrange(max(1, min(len(data), 64) if chance.random() < 0.5 else len(data)))


def _flip(data: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(data or b"\0")
    for _ in range(chance.randint(1, 8)):
        damaged[_place(damaged, chance)] = chance.randrange(256)
    return bytes(damaged)


def _extreme_number(data: bytes, chance: random.Random) -> bytes:
    form = chance.choice([">I", "<I", ">H", "<H", ">B"])
    number = struct.pack(form, chance.choice(_EXTREME) & ((1 << 8 * struct.calcsize(form)) - 1))
    at = _place(data, chance)
    return data[:at] + number + data[at + len(number) :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(1, len(data) + 1)] if data else data


def _repeat(data: bytes, chance: random.Random) -> bytes:
    at, length = _place(data, chance), chance.randint(1, 64)
    return data[:at] + data[at : at + length] * chance.choice([2, 10, 1_000]) + data[at + length :]


def _drop(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at + chance.randint(1, 64) :]


def _splice(data: bytes, chance: random.Random) -> bytes:
    """The head of the file, then a later part of it again."""
    return data[: _place(data, chance)] + data[_place(data, chance) :]


def _png_chunks(data: bytes, chance: random.Random) -> bytes:
    """Change a chunk and make its checksum right; pixels are changed unpacked and packed again."""
    chunks = list(_chunks(data))
    if not chunks:
        return data
    at = chance.randrange(len(chunks))
    kind, body = chunks[at]
    match chance.randrange(5):
        case 0:
            chunks.insert(chance.randrange(len(chunks)), (kind, body))
        case 1:
            del chunks[at]
        case 2:
            chance.shuffle(chunks)
        case 3 if kind == b"IDAT":
            chunks[at] = (kind, _repacked(body, chance))
        case _:
            chunks[at] = (kind, chance.choice([_flip, _extreme_number, _cut, _repeat])(body, chance))
    return PNG_SIGNATURE + b"".join(png_chunk(kind, body) for kind, body in chunks)


def _repacked(body: bytes, chance: random.Random) -> bytes:
    try:
        rows = zlib.decompressobj().decompress(body, 1 << 20)
    except zlib.error:
        return body
    return zlib.compress(chance.choice([_flip, _cut, _repeat])(rows, chance))


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    file, found = io.BytesIO(data[len(PNG_SIGNATURE) :]), []
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        found.append((kind, file.read(length)))
        file.read(4)
    return found
