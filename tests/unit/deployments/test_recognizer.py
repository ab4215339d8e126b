import asyncio
import os
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from deployments.metrics.catalogue import LOOKED_AGAIN
from deployments.protocol import ReadJob, ReadResult, UnreadableImage
from deployments.recognizer import Recognizer
from deployments.rollout.library import ModelLibrary
from deployments.settings.resolve import resolve_settings
from deployments.settings.service import ServiceSettings
from deployments.status import Status
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.errors import CheckpointError, RecognitionError
from ocr_model.reader import Reader
from ocr_model.reading import Reading
from tests.support.images import png
from tests.support.recorded_meter import RecordedMeter
from tests.support.tiny_model import save_tiny_model

BATCH = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("model") / "tiny", "tiny-1")


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return resolve_settings(
        {"data_dir": str(tmp_path), "reading": {"batch_images": BATCH}, "rollout": {"follow_every_s": 60}}
    )


@pytest.fixture
def recognizer(folder: Path, settings: ServiceSettings) -> Recognizer:
    return Recognizer(settings=settings, shipped=folder)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the batches that reach the network."""
    sizes: list[int] = []
    recognise = Reader.recognise

    def counted(self: Reader, batch: NDArray[np.uint8], constraints: list[Constraint]) -> list[Reading]:
        sizes.append(len(batch))
        return recognise(self, batch, constraints)

    monkeypatch.setattr(Reader, "recognise", counted)
    return sizes


def job(*images: bytes, constraint: Constraint = NO_CONSTRAINT) -> ReadJob:
    return ReadJob(request_id="r", images=images, constraint=constraint)


def texts(result: ReadResult) -> list[str]:
    return [r.text if isinstance(r, Reading) else str(r.status) for r in result.readings]


async def test_each_job_gets_its_own_answers(recognizer: Recognizer, folder: Path) -> None:
    images = [png(str(n), size=(60 + n, 24)) for n in range(9)]
    alone = [r.text for r in Reader.load(folder).read(images) if isinstance(r, Reading)]
    assert len(set(alone)) > 3
    jobs = [job(*images[:1]), job(*images[1:7]), job(*images[7:])]
    results = await recognizer.read(jobs)
    assert [texts(result) for result in results] == [alone[:1], alone[1:7], alone[7:]]
    assert {result.model_version for result in results} == {"tiny-1"}


@pytest.mark.parametrize("below", [0.0, 1.0])
async def test_doubtful_images_are_looked_at_again_as_set_and_counted(
    folder: Path, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch, below: float
) -> None:
    reading = settings.reading.model_copy(update={"look_again_below": below})
    recognizer = Recognizer(settings=settings.model_copy(update={"reading": reading}), shipped=folder)
    images = [png(str(n), size=(60 + n, 24)) for n in range(BATCH)]
    expected = Reader.load(folder, again_below=below).read(images)
    assert expected != Reader.load(folder, again_below=1 - below).read(images)
    monkeypatch.setattr(recognizer, "_meter", meter := RecordedMeter())
    (result,) = await recognizer.read([job(*images)])
    assert list(result.readings) == expected
    assert meter.counted(LOOKED_AGAIN) == (BATCH if below else 0)


def test_threads_that_read_let_others_go_first(recognizer: Recognizer, settings: ServiceSettings) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    of_reading = recognizer._threads.submit(os.getpriority, os.PRIO_PROCESS, 0).result()
    assert of_reading == min(19, own + settings.reading.niceness) > own
    assert os.getpriority(os.PRIO_PROCESS, 0) == own


async def test_a_rollout_that_ended_before_the_first_images_is_not_missed(
    recognizer: Recognizer, settings: ServiceSettings, tmp_path: Path
) -> None:
    # As for a replica that was ready a moment after a rollout had counted those that run.
    newer = save_tiny_model(tmp_path / "newer", "tiny-2")
    with closing(ModelLibrary.open(settings.storage)) as library:
        library.register_shipped(newer)
    (result,) = await recognizer.read([job(png())])
    assert result.model_version == "tiny-2"


async def test_what_cannot_be_read_fails_itself_alone(recognizer: Recognizer) -> None:
    good = png()
    results = await recognizer.read(
        [
            job(good, b"no image", good),
            job(good, constraint=Constraint(characters=frozenset("ж"))),
            job(b""),
            job(good, constraint=Constraint(characters=frozenset("7"), min_length=2, max_length=3)),
        ]
    )
    assert isinstance(results[0].readings[0], Reading)
    assert texts(results[0])[1] == Status.NOT_AN_IMAGE
    assert results[0].readings[2] == results[0].readings[0]
    assert texts(results[1]) == [Status.BAD_CONSTRAINT]
    assert texts(results[2]) == [Status.EMPTY_IMAGE]
    assert texts(results[3])[0] in {"77", "777"}


async def test_batches_are_filled_and_bounded(recognizer: Recognizer, batches: list[int]) -> None:
    await asyncio.gather(*(recognizer.read([job(png(str(n)))]) for n in range(40)))
    assert sum(batches) == 40
    assert max(batches) == BATCH
    assert len(batches) < 40 / 2


async def test_a_failing_network_fails_its_batch_with_a_plain_word(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[Reading]:
        raise RecognitionError("at internal place")

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "recognise", broken)
        (result,) = await recognizer.read([job(png(), b"no image")])
    assert [r.status for r in result.readings if isinstance(r, UnreadableImage)] == [Status.RECOGNITION_FAILED] * 2
    assert "internal place" not in str(result)
    (healed,) = await recognizer.read([job(png())])
    assert isinstance(healed.readings[0], Reading)


def test_a_bad_model_is_an_error_and_never_served(tmp_path: Path, settings: ServiceSettings) -> None:
    with pytest.raises(CheckpointError):
        Recognizer(shipped=tmp_path, settings=settings)
    left = [file.path for file in psutil.Process().open_files()]
    assert not [path for path in left if Path(path).is_relative_to(tmp_path)]
