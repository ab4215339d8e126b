"""Animations become one picture that holds the text of all their frames."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageOps

from ocr_model.frames import merge_frames
from ocr_model.images import decode_image
from ocr_model.limits import ImageLimits


def animation(frames: list[Image.Image], file_format: str) -> bytes:
    file = io.BytesIO()
    options = {"lossless": True} if file_format == "WEBP" else {}
    frames[0].save(file, file_format, save_all=True, append_images=frames[1:], duration=80, loop=0, **options)
    return file.getvalue()


def part(ink: Image.Image, left: int, right: int) -> Image.Image:
    """Keep the ink of some columns."""
    kept = Image.new("L", ink.size, 0)
    kept.paste(ink.crop((left, 0, right, ink.height)), (left, 0))
    return kept


def on_paper(ink: Image.Image) -> Image.Image:
    return ImageOps.invert(ink).convert("RGB")


def overlap(picture: NDArray[np.uint8], ink: Image.Image) -> float:
    """Give the share of pixels, ink or dark in the picture, that are both."""
    dark = np.asarray(Image.fromarray(picture).convert("L")) < 128
    inked = np.asarray(ink) > 0
    return float((dark & inked).sum() / (dark | inked).sum())


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP"])
def test_halves_in_two_frames_are_read_together(file_format: str, ink: Image.Image) -> None:
    halves = [on_paper(part(ink, 0, 48)), on_paper(part(ink, 48, 96))]
    assert overlap(decode_image(animation(halves, file_format)), ink) > 0.95


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP"])
def test_transparent_frames_too(file_format: str, ink: Image.Image) -> None:
    frames = []
    for left in (0, 48):
        frame = Image.new("RGBA", ink.size, (0, 0, 0, 0))
        frame.putalpha(part(ink, left, left + 48))
        frames.append(frame)
    file = io.BytesIO()
    options = {"lossless": True} if file_format == "WEBP" else {"disposal": 2} if file_format == "GIF" else {}
    frames[0].save(file, file_format, save_all=True, append_images=frames[1:], duration=80, **options)
    assert overlap(decode_image(file.getvalue()), ink) > 0.95


def as_frames(*inks: Image.Image) -> list[NDArray[np.uint8]]:
    return [np.array(on_paper(ink)) for ink in inks]


def speckled(frame: NDArray[np.uint8], seed: int, share: float) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    spoilt = rng.random(frame.shape[:2]) < share
    return np.where(spoilt[..., None], rng.integers(0, 256, frame.shape, dtype=np.uint8), frame)


def test_one_character_a_frame(ink: Image.Image) -> None:
    frames = as_frames(*[part(ink, left, left + 24) for left in range(0, 96, 24)])
    assert overlap(merge_frames(frames), ink) > 0.95


def test_text_that_builds_up_and_vanishes(ink: Image.Image) -> None:
    frames = as_frames(part(ink, 0, 24), part(ink, 0, 60), ink, Image.new("L", ink.size, 0))
    assert overlap(merge_frames(frames), ink) > 0.95


def test_moving_noise_is_taken_out(ink: Image.Image) -> None:
    frames = [speckled(frame, seed, 0.08) for seed, frame in enumerate(as_frames(*[ink] * 7))]
    assert overlap(frames[0], ink) < 0.9
    assert overlap(merge_frames(frames), ink) > 0.95


def test_a_moving_background_does_not_turn_to_mush(ink: Image.Image) -> None:
    rng = np.random.default_rng(5)
    inked = (np.asarray(ink) > 0)[..., None]
    frames = [np.where(inked, 0, rng.integers(140, 256, (40, 96, 3))).astype(np.uint8) for _ in range(6)]
    assert overlap(merge_frames(frames), ink) > 0.95


def test_moving_text_is_not_smeared(ink: Image.Image) -> None:
    inks = [ImageChops.offset(ink, shift, 0) for shift in range(4)]
    merged = merge_frames(as_frames(*inks))
    assert max(overlap(merged, moved) for moved in inks) > 0.9


def test_a_still_animation_is_its_frame(ink: Image.Image) -> None:
    frames = as_frames(ink, ink, ink)
    assert merge_frames(frames) is frames[0]


@pytest.mark.parametrize("limits", [ImageLimits(max_frames=1), ImageLimits(max_animation_pixels=96 * 40)])
def test_frames_beyond_the_limits_are_left_out(limits: ImageLimits, ink: Image.Image) -> None:
    halves = [on_paper(part(ink, 0, 48)), on_paper(part(ink, 48, 96))]
    decoded = decode_image(animation(halves, "GIF"), limits)
    assert overlap(decoded, part(ink, 0, 48)) > 0.95
