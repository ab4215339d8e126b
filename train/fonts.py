"""Finds font files that can draw legible digits and Latin letters.

A machine has hundreds of font faces; many are symbol fonts, many decorative beyond reading, many have capitals
in place of small letters. Each face is drawn once, glyph by glyph, on a small grid and compared with the mean of
all faces (a consensus shape per character): what looks like nothing else is dropped, what has no small letters
of its own is kept for capitals and digits only, and near duplicates are dropped. The outcome is cached on disk.
"""

import dataclasses
import functools
import hashlib
import json
import logging
import os
import string
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFont

logger = logging.getLogger(__name__)

CHARACTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/usr/share/texmf/fonts/opentype"),
    Path("/Library/Fonts"),
    Path.home() / ".local/share/fonts",
)
SUFFIXES = frozenset({".ttf", ".otf", ".ttc"})
MAX_FACES = 320
SCAN_SIZE_PX = 48
GRID = 16
# Mean correlation with the consensus below which most faces can no longer be read (judged by eye).
MIN_LEGIBILITY = 0.62
MIN_GLYPH_LEGIBILITY = 0.22
# Two faces that correlate more than this over all glyphs look the same at captcha size.
MAX_LIKENESS = 0.965
# Letters whose small form differs in shape from its capital.
_CASED_LETTERS = "abdeghnqrt"
_CACHE_VERSION = 5
_NOTDEF_PROBES = ("\uffff", "\U000f1234")


@dataclasses.dataclass(frozen=True, slots=True)
class Face:
    """One usable font face.

    Attributes:
        path: The font file; an empty path means Pillow's built-in font.
        index: Face number inside a collection file.
        family: Family name as the font states it.
        cap_ratio: Height of a capital H over the font size.
        cased: Whether small letters have shapes of their own.
        plainness: Mean correlation with the consensus glyphs, 0..1; text fonts are near 0.9.
    """

    path: str
    index: int
    family: str
    cap_ratio: float
    cased: bool
    plainness: float

    def load(self, size_px: int) -> ImageFont.FreeTypeFont:
        """Return the face at a font size in pixels; recently used ones are kept."""
        return _load(self.path, self.index, size_px)


@dataclasses.dataclass(frozen=True, slots=True)
class FontSet:
    """The usable faces of this machine, in a stable order."""

    faces: tuple[Face, ...]
    cased: tuple[Face, ...]
    plain: tuple[Face, ...]


@functools.lru_cache(maxsize=1500)
def _load(path: str, index: int, size_px: int) -> ImageFont.FreeTypeFont:
    if not path:
        built_in = ImageFont.load_default(size_px)
        if not isinstance(built_in, ImageFont.FreeTypeFont):
            raise OSError("Pillow was built without FreeType")
        return built_in
    return ImageFont.truetype(path, size_px, index=index, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=1)
def font_set() -> FontSet:
    """Scan the font folders (once per process; cached on disk by the files' names and times)."""
    files = list(_font_files(FONT_FOLDERS)) + list(_bundled_files())
    faces = _cached_scan(files) or scan([])
    cased = tuple(face for face in faces if face.cased)
    plain = tuple(face for face in cased if face.plainness >= _median([f.plainness for f in cased]))
    return FontSet(faces=tuple(faces), cased=cased, plain=plain)


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))


def _font_files(folders: Iterable[Path]) -> Iterable[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())


def _bundled_files() -> Iterable[Path]:
    """Fonts that come inside the captcha package: enough to draw where a machine has no fonts at all."""
    try:
        import captcha.image  # noqa: PLC0415 - optional dependency
    except ImportError:
        return []
    return [Path(name) for name in captcha.image.DEFAULT_FONTS]


def _cached_scan(files: Sequence[Path]) -> list[Face]:
    stamp = hashlib.sha256()
    stamp.update(f"{_CACHE_VERSION}:{MAX_FACES}:{MIN_LEGIBILITY}:{MAX_LIKENESS}".encode())
    for path in files:
        stamp.update(f"{path}:{path.stat().st_mtime_ns}".encode())
    cache_home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = cache_home / "glyphserve" / f"fonts-{stamp.hexdigest()[:16]}.json"
    try:
        return [Face(**entry) for entry in json.loads(cache.read_text())]
    except (OSError, ValueError, TypeError):
        pass  # no cache yet, or one of another shape: scan anew
    faces = scan(files)
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        partial = cache.with_suffix(f".{os.getpid()}.tmp")
        partial.write_text(json.dumps([dataclasses.asdict(face) for face in faces]))
        partial.replace(cache)
    except OSError as error:
        logger.warning("font scan not cached: %s", error.strerror)
    return faces


@dataclasses.dataclass(frozen=True, slots=True)
class _Scanned:
    path: str
    family: str
    cap_ratio: float
    glyphs: NDArray[np.float32]  # (62, GRID * GRID), each row of zero mean and unit norm


def scan(files: Sequence[Path]) -> list[Face]:
    """Return the usable faces among font files, Pillow's built-in font included.

    Args:
        files: Font files; unreadable ones are passed over.

    Returns:
        At most MAX_FACES faces, spread over the families.
    """
    readable = [found for path in ["", *map(str, files)] if (found := _scan_file(path)) is not None]
    # Duplicates go first: a face installed many times over may not outvote the others.
    scanned = _without_duplicates(readable)
    consensus = np.median(np.stack([s.glyphs for s in scanned]), axis=0)
    consensus = _normalised(consensus)
    legible = [s for s in scanned if _is_legible(s.glyphs, consensus)] or scanned[:1]
    faces = [
        Face(
            path=s.path,
            index=0,
            family=s.family,
            cap_ratio=round(s.cap_ratio, 4),
            cased=_is_cased(s.glyphs, consensus),
            plainness=round(float(np.mean(np.sum(s.glyphs * consensus, axis=1))), 4),
        )
        for s in legible
    ]
    return _spread(faces)


def _scan_file(path: str) -> _Scanned | None:
    try:
        font = _load.__wrapped__(path, 0, SCAN_SIZE_PX)
        missing = [_ink(font, probe) for probe in _NOTDEF_PROBES]
        inks = [_ink(font, character) for character in CHARACTERS]
        family = font.getname()[0] or Path(path).stem
    except (OSError, ValueError):
        return None
    if any(ink is None for ink in inks):
        return None
    solid = [ink for ink in inks if ink is not None]
    if any(m is not None and m.shape == i.shape and np.array_equal(m, i) for m in missing for i in solid):
        return None
    cap_ratio = solid[CHARACTERS.index("H")].shape[0] / SCAN_SIZE_PX
    if not 0.3 < cap_ratio < 1.2:
        return None
    grids = np.stack([_on_grid(ink) for ink in solid])
    return _Scanned(path=path, family=family, cap_ratio=cap_ratio, glyphs=_normalised(grids))


def _ink(font: ImageFont.FreeTypeFont, character: str) -> NDArray[np.uint8] | None:
    core, _ = font.getmask2(character, "L")
    if 0 in core.size:
        return None
    image = Image.new("L", core.size)
    image.im.paste(core, (0, 0, *core.size))
    box = image.getbbox()
    return None if box is None else np.asarray(image.crop(box))


def _on_grid(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scale to the grid keeping the aspect ratio, so that `l` does not fill it."""
    height, width = ink.shape
    side = max(height, width)
    square = Image.new("L", (side, side))
    square.paste(Image.fromarray(ink), ((side - width) // 2, (side - height) // 2))
    small = square.resize((GRID, GRID), Image.Resampling.BOX)
    # A little blur makes the comparison one of shape, not of stroke weight.
    padded = np.pad(np.asarray(small, np.float32), 1)
    blurred = padded[1:-1, 1:-1] * 2 + padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return np.asarray(blurred, np.float32).ravel()


def _normalised(glyphs: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = glyphs - glyphs.mean(axis=1, keepdims=True)
    scale = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(scale, 1e-6), np.float32)


def _is_legible(glyphs: NDArray[np.float32], consensus: NDArray[np.float32]) -> bool:
    # Small letters are judged apart: a face of capitals only is still of use.
    upper = np.sum(glyphs[:36] * consensus[:36], axis=1)
    return bool(upper.mean() >= MIN_LEGIBILITY and upper.min() >= MIN_GLYPH_LEGIBILITY)


def _is_cased(glyphs: NDArray[np.float32], consensus: NDArray[np.float32]) -> bool:
    lower = [CHARACTERS.index(letter) for letter in _CASED_LETTERS]
    upper = [CHARACTERS.index(letter.upper()) for letter in _CASED_LETTERS]
    to_lower = np.sum(glyphs[lower] * consensus[lower], axis=1)
    to_upper = np.sum(glyphs[lower] * consensus[upper], axis=1)
    own_upper = np.sum(glyphs[lower] * glyphs[upper], axis=1)
    distinct = int(np.sum((to_lower > to_upper) & (own_upper < 0.9)))
    every_small = np.sum(glyphs[36:] * consensus[36:], axis=1)
    return distinct >= len(lower) - 1 and float(every_small.mean()) >= MIN_LEGIBILITY


def _without_duplicates(scanned: Sequence[_Scanned]) -> list[_Scanned]:
    kept: list[_Scanned] = []
    features = np.zeros((len(scanned), scanned[0].glyphs.size), np.float32)
    for candidate in scanned:
        feature = candidate.glyphs.ravel() / np.sqrt(len(CHARACTERS))
        if kept and float(np.max(features[: len(kept)] @ feature)) > MAX_LIKENESS:
            continue
        features[len(kept)] = feature
        kept.append(candidate)
    return kept


def _spread(faces: Sequence[Face]) -> list[Face]:
    """Take faces family by family in turn until MAX_FACES are chosen."""
    by_family: dict[str, list[Face]] = {}
    for face in faces:
        by_family.setdefault(face.family, []).append(face)
    chosen: list[Face] = []
    rank = 0
    while len(chosen) < MAX_FACES and any(len(group) > rank for group in by_family.values()):
        turn = [group[rank] for group in by_family.values() if len(group) > rank]
        turn.sort(key=lambda face: -face.plainness)
        chosen.extend(turn[: MAX_FACES - len(chosen)])
        rank += 1
    return sorted(chosen, key=lambda face: (face.path, face.index))
