"""Images that stay on the device: here the CPU, by the same code."""

import itertools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
import torch
from pydantic import ValidationError

from ocr_model.charset import BASE_CHARSET, Charset
from tests.unit.train import toy
from train import resident
from train.errors import TrainingError
from train.resident import LONGEST, ResidentImages, ResidentStream, encoded
from train.settings import DataSettings, PretrainSettings
from train.shards import Shard, draw_shard, shard_path, write_shard
from train.stream import Batch

P = ParamSpec("P")
T = TypeVar("T")

CPU = torch.device("cpu")
CHARSET = Charset(BASE_CHARSET)
DATA = DataSettings(shard_images=16, uses=3, known_kept=0.1, resident_images=64, augment=False)


def shard(number: int, images: int = 16) -> Shard:
    return draw_shard(toy.draw, seed=1, number=number, images=images)


def held(capacity: int, *, known_kept: float = 0.1) -> ResidentImages:
    generator = torch.Generator().manual_seed(3)
    return ResidentImages(capacity, known_kept=known_kept, device=CPU, generator=generator)


def labels(batch: Batch) -> list[str]:
    return [
        "".join(CHARSET.decode(row[:length].tolist()))
        for row, length in zip(batch.targets, batch.lengths.tolist(), strict=True)
    ]


def stream(folder: Path, *, first: int = 0, rank: int = 0, world: int = 1) -> ResidentStream:
    return ResidentStream(
        folder=folder,
        data=DATA,
        batch=8,
        seed=9,
        device=CPU,
        first=first,
        rank=rank,
        world=world,
        on_round=heard.append,
    )


heard: list[int] = []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    heard.clear()
    for number in range(4):
        write_shard(tmp_path, number, shard(number))
    return tmp_path


def test_texts_become_rows_of_one_length() -> None:
    drawn = shard(0)
    batch = encoded(drawn, CHARSET, pinned=False)
    assert batch.targets.shape == (16, LONGEST)
    assert labels(batch) == drawn.labels
    assert torch.equal(batch.images, torch.from_numpy(drawn.images))


def test_a_text_that_does_not_fit_is_told() -> None:
    drawn = shard(0)._replace(labels=["A" * (LONGEST + 1)] * 16)
    with pytest.raises(TrainingError, match=f"{LONGEST + 1} characters"):
        encoded(drawn, CHARSET, pinned=False)


def test_what_is_chosen_are_the_images_with_their_texts() -> None:
    images = held(64)
    drawn = shard(0)
    images.add(encoded(drawn, CHARSET, pinned=False))
    batch = images.choose(8, augment=False)
    pairs = {(image.tobytes(), label) for image, label in zip(drawn.images, drawn.labels, strict=True)}
    chosen = zip((image.numpy().tobytes() for image in batch.images), labels(batch), strict=True)
    assert set(chosen) <= pairs


def test_every_image_is_used_about_as_often_as_the_others() -> None:
    images = held(32)
    images.add(encoded(shard(0, 32), CHARSET, pinned=False))
    for _ in range(40):
        images.choose(8, augment=False)
    assert images.uses.sum() == 320
    # Ten uses each in the mean; chance alone, without regard to earlier uses, would give some of 32 fewer than four.
    assert images.uses.min() >= 5


def test_what_is_read_with_certainty_is_chosen_seldom() -> None:
    images = held(32, known_kept=0.1)
    images.add(encoded(shard(0, 32), CHARSET, pinned=False))
    for _ in range(60):
        batch = images.choose(8, augment=False)
        assert batch.learned is not None
        # The network is sure of single letters and knows nothing of pairs.
        batch.learned(torch.where(batch.lengths == 1, 0.0, 50.0))
    single = torch.tensor([len(label) == 1 for label in shard(0, 32).labels])
    # A tenth of the worth, divided by the uses: the square root of a tenth of the uses.
    assert 0.2 < float(images.uses[single].mean() / images.uses[~single].mean()) < 0.5


def test_new_images_take_the_place_of_the_oldest() -> None:
    images = held(24)
    for number in (0, 1):
        images.add(encoded(shard(number), CHARSET, pinned=False))
    kept = shard(0).labels[8:] + shard(1).labels
    assert images.drawn == 32
    assert sorted(set(labels(images.choose(200, augment=False)))) == sorted(set(kept))


def test_no_more_uses_in_the_mean_than_asked_and_files_go_as_they_are_taken(folder: Path) -> None:
    batches = list(itertools.islice(stream(folder).batches(0), 4 * 16 * DATA.uses // 8))
    assert len(batches) == 24
    assert not list(folder.iterdir())
    assert heard[0] == 0
    assert heard[-1] == 4


class AtOnce(ThreadPoolExecutor):
    """Has read what it is asked to read by the time it answers."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future = super().submit(fn, *args, **kwargs)
        wait([future])
        return future


def test_once_full_no_more_is_taken_in_than_is_used_as_often_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resident, "ThreadPoolExecutor", AtOnce)
    for number in range(20):
        write_shard(tmp_path, number, shard(number))
    batches = stream(tmp_path).batches(0)

    def left_after(steps: int) -> int:
        for _ in range(steps):
            next(batches)
        return len(list(tmp_path.glob("*.npy")))

    # Room for four, and the fifth is taken in when it is full; another after each 16 x 3 uses, 6 steps.
    assert left_after(6) == 15
    assert [left_after(6) for _ in range(5)] == [14, 13, 12, 11, 10]


def test_steps_larger_than_a_shards_uses_do_not_wait_for_ever_once_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resident, "ThreadPoolExecutor", AtOnce)
    monkeypatch.setattr(resident, "_POLL_S", 0)
    asked = itertools.count(1)

    def draw(number: int) -> None:
        write_shard(tmp_path, number, shard(number))
        assert next(asked) < 500, "it waits for ever"

    hungry = ResidentStream(folder=tmp_path, data=DATA, batch=70, seed=9, device=CPU, on_round=draw)
    # A shard gives 48 uses, and there is room for four; ten steps need 15.
    assert len(list(itertools.islice(hungry.batches(0), 10))) == 10


def test_a_wait_for_images_ends_when_nobody_draws(tmp_path: Path) -> None:
    def gone(number: int) -> None:
        raise TrainingError(f"waiting for {number}")

    waiting = ResidentStream(folder=tmp_path, data=DATA, batch=8, seed=9, device=CPU, first=5, on_round=gone)
    with pytest.raises(TrainingError, match="waiting for 5"):
        next(waiting.batches(0))


def test_two_workers_take_every_other_shard(folder: Path) -> None:
    next(stream(folder, rank=1, world=2).batches(0))
    assert not shard_path(folder, 1).exists()
    assert shard_path(folder, 0).exists()
    assert shard_path(folder, 2).exists()


def test_what_an_earlier_start_left_is_removed(folder: Path) -> None:
    next(stream(folder, first=3).batches(100))
    assert not list(folder.glob("*.npy"))


def test_the_network_in_training_judges_so_no_first_model_is_needed() -> None:
    assert PretrainSettings(data=DATA).start_from is None
    assert DATA.kept_rounds == 0


def test_a_device_that_holds_less_than_a_shard_is_told() -> None:
    with pytest.raises(ValidationError, match=r"resident_images \(15\) is less than shard_images \(16\)"):
        DataSettings(shard_images=16, resident_images=15)


@pytest.mark.parametrize(("recipe", "device"), [("pretrain-on-a-gpu", "cuda"), ("pretrain-further", "cpu")])
def test_the_documented_recipes_are_some(recipe: str, device: str) -> None:
    path = Path(__file__).parents[3] / "docs" / f"{recipe}.json"
    settings = PretrainSettings.model_validate_json(path.read_text(encoding="utf-8"))
    assert settings.device == device
    assert settings.data.resident_images
    assert settings.start_from == Path("ocr_model/weights/base")
