"""Any picture becomes the network's input, without its borders and with all its text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ocr_model.borders import content_box
from ocr_model.normalise import INPUT, normalise


def page(ink: Image.Image) -> NDArray[np.uint8]:
    return np.array(ImageOps.invert(ink).convert("RGB"))


def framed(picture: NDArray[np.uint8], widths: tuple[int, int], colour: int) -> NDArray[np.uint8]:
    rows, columns = widths
    return np.pad(picture, ((rows, rows), (columns, columns), (0, 0)), constant_values=colour)


@settings(max_examples=60, deadline=None)
@given(height=st.integers(1, 260), width=st.integers(1, 760), seed=st.integers(0, 9), plain=st.booleans())
def test_any_size_gives_the_input_and_the_same_each_time(height: int, width: int, seed: int, plain: bool) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if plain:
        picture[:] = picture[0, 0]
    before = picture.copy()
    first = normalise(picture)
    assert first.shape == INPUT.shape == (48, 160, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, normalise(picture))
    assert np.array_equal(picture, before)


@pytest.mark.parametrize(
    ("widths", "colour"), [((0, 0), 0), ((70, 0), 0), ((0, 70), 0), ((30, 60), 0), ((2, 2), 90), ((9, 4), 255)]
)
def test_borders_change_nothing(widths: tuple[int, int], colour: int, ink: Image.Image) -> None:
    bare = normalise(page(ink)).astype(int)
    bordered = normalise(framed(page(ink), widths, colour)).astype(int)
    assert np.abs(bare - bordered).mean() < 12


def test_a_frame_in_a_letterbox_is_peeled(ink: Image.Image) -> None:
    picture = framed(framed(framed(page(ink), (3, 3), 255), (1, 1), 40), (50, 20), 0)
    bare = normalise(page(ink)).astype(int)
    assert np.abs(bare - normalise(picture)).mean() < 12


def test_the_box_holds_all_ink_and_a_margin(ink: Image.Image) -> None:
    picture = framed(page(ink), (20, 40), 255)
    left, top, right, bottom = content_box(picture)
    rows, columns = np.nonzero(picture[:, :, 0] < 128)
    assert left < columns.min() < columns.max() < right - 1
    assert top < rows.min() < rows.max() < bottom - 1
    assert (right - left) * (bottom - top) < 0.5 * picture.shape[0] * picture.shape[1]


def test_faint_ink_is_not_taken_for_border() -> None:
    picture = np.full((40, 120, 3), 250, dtype=np.uint8)
    picture[10:30, 10:14] = 236
    picture[10:30, 100:104] = 20
    left, _, right, _ = content_box(picture)
    assert left <= 10
    assert right >= 104


def test_a_uniform_picture_is_left_whole() -> None:
    assert content_box(np.full((30, 80, 3), 77, dtype=np.uint8)) == (0, 0, 80, 30)
    assert (normalise(np.full((30, 80, 3), 77, dtype=np.uint8)) == 77).all()


def test_a_narrow_crop_is_padded_in_its_own_colour() -> None:
    picture = np.full((40, 20, 3), (10, 90, 200), dtype=np.uint8)
    picture[5:35, 6:14] = 255
    result = normalise(picture)
    inked = np.nonzero((result == 255).all(axis=2).any(axis=0))[0]
    assert np.ptp(inked) < INPUT.width // 3
    assert result[20, 0].tolist() == [10, 90, 200]
    assert result[20, -1].tolist() == [10, 90, 200]


def test_thin_strokes_of_large_pictures_survive() -> None:
    picture = np.full((480, 1600, 3), 255, dtype=np.uint8)
    for x in range(50, 1600, 100):
        picture[20:460, x : x + 6] = 0
    result = normalise(picture)[24, :, 0]
    strokes = np.count_nonzero(np.diff((result < 200).astype(int)) == 1)
    assert strokes >= 15


def test_hue_is_kept() -> None:
    picture = np.zeros((30, 90, 3), dtype=np.uint8)
    picture[:] = (200, 60, 60)
    picture[8:22, 20:70] = (60, 100, 200)
    result = normalise(picture)
    assert result[24, 80].tolist() == [60, 100, 200]
