"""Font discovery: what is kept, what is dropped, what is remembered."""

import json
import os
from pathlib import Path

import captcha.image
import numpy as np
import pytest

from train import fonts
from train.fonts import CHARACTERS, Face, font_set, scan
from train.synth.glyphs import choose_faces
from train.synth.sample import Dice

BUNDLED = Path(captcha.image.DEFAULT_FONTS[0])


def test_without_any_font_file_the_built_in_font_is_enough() -> None:
    (face,) = scan([])
    assert face.path == ""
    assert face.cased
    assert face.load(20).getlength("A") > 0


def test_files_that_are_no_fonts_are_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    assert [face.path for face in scan([broken, tmp_path / "missing.otf"])] == [""]


def test_a_bundled_font_is_found_legible_and_cased() -> None:
    faces = {face.path: face for face in scan([BUNDLED])}
    face = faces[str(BUNDLED)]
    assert face.cased
    assert 0.6 < face.cap_ratio < 0.85
    assert face.plainness > 0.8


def test_the_same_face_twice_counts_once(tmp_path: Path) -> None:
    copy = tmp_path / "copy.ttf"
    copy.write_bytes(BUNDLED.read_bytes())
    assert len(scan([BUNDLED, copy])) == len(scan([BUNDLED]))


def test_the_faces_can_draw_every_character() -> None:
    found = font_set()
    assert 1 <= len(found.faces) <= fonts.MAX_FACES
    assert set(found.plain) <= set(found.cased) <= set(found.faces)
    for face in found.faces[:: max(1, len(found.faces) // 10)]:
        font = face.load(24)
        assert all(font.getmask(character).getbbox() is not None for character in CHARACTERS)


def test_a_scan_is_remembered_until_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    font = tmp_path / "font.ttf"
    font.write_bytes(BUNDLED.read_bytes())
    first = fonts._cached_scan([font])
    (cache,) = (tmp_path / "cache" / "glyphserve").iterdir()
    marked = [dict(entry, family="from the cache") for entry in json.loads(cache.read_text())]
    cache.write_text(json.dumps(marked))
    assert {face.family for face in fonts._cached_scan([font])} == {"from the cache"}
    os.utime(font, ns=(1, 1))
    assert fonts._cached_scan([font]) == first


@pytest.mark.parametrize("content", ["", "[{}]", "[1]", "{"])
def test_a_damaged_cache_is_scanned_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    good = fonts._cached_scan([BUNDLED])
    (cache,) = (tmp_path / "glyphserve").iterdir()
    cache.write_text(content)
    assert fonts._cached_scan([BUNDLED]) == good


def test_small_letters_go_to_faces_that_have_them() -> None:
    capitals_only = Face(path="", index=0, family="caps", cap_ratio=0.7, cased=False, plainness=0.7)
    cased = Face(path="", index=0, family="cased", cap_ratio=0.7, cased=True, plainness=0.9)
    found = fonts.FontSet(faces=(capitals_only, cased), cased=(cased,), plain=(cased,))
    dice = Dice(np.random.default_rng(0))
    assert set(choose_faces(dice, "abC", 30, fonts=found)) == {cased}
    assert set(choose_faces(dice, "ABC", 60, fonts=found)) == {capitals_only, cased}
