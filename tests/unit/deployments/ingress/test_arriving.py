"""Images of one request are read while the others are still on their way."""

import asyncio
import dataclasses

import pytest

from deployments.ingress.arriving import PART_IMAGES, ArrivingImages
from deployments.ingress.reading import ReadingClient
from deployments.protocol import ReadJob, ReadResult
from deployments.settings.reading import ReadingSettings
from ocr_model.constraint import Constraint
from ocr_model.reading import Reading
from tests.support.fake_recognizer import FakeRecognizer
from tests.support.images import png

COUNT = PART_IMAGES + 3
IMAGES = tuple(png(size=(20 + place, 10)) for place in range(COUNT))
JOB = ReadJob(request_id="r", images=(), constraint=Constraint())


class Counted(FakeRecognizer):
    """Tells when it is called, and reads each call with the next of its versions, the last one for ever."""

    def __init__(self, *versions: str) -> None:
        super().__init__()
        self.versions = versions
        self.called = asyncio.Semaphore(0)

    async def read(self, jobs: list[ReadJob]) -> list[ReadResult]:
        version = self.versions[min(len(self.calls), len(self.versions) - 1)]
        results = [dataclasses.replace(result, model_version=version) for result in await super().read(jobs)]
        self.called.release()
        return results


def sizes(recognizer: FakeRecognizer) -> list[int]:
    return [sum(len(job.images) for job in jobs) for jobs in recognizer.calls]


async def read(recognizer: FakeRecognizer, places: list[int]) -> ReadResult:
    client = ReadingClient(recognizer, ReadingSettings())
    async with asyncio.TaskGroup() as group:
        arriving = ArrivingImages(client, JOB, count=len(places), group=group)
        for place in places:
            arriving.add(place, IMAGES[place])
        return await arriving.result(IMAGES[: len(places)])


@pytest.mark.parametrize("count", [1, PART_IMAGES - 1, PART_IMAGES, COUNT])
async def test_every_reading_stands_in_its_place_whatever_came_first(count: int) -> None:
    result = await read(Counted("v1"), list(reversed(range(count))))
    assert [r.text for r in result.readings if isinstance(r, Reading)] == [f"{20 + i}x10" for i in range(count)]


async def test_the_first_are_read_before_the_last_arrive() -> None:
    recognizer = Counted("v1")
    client = ReadingClient(recognizer, ReadingSettings())
    async with asyncio.TaskGroup() as group:
        arriving = ArrivingImages(client, JOB, count=COUNT, group=group)
        for place in range(PART_IMAGES):
            arriving.add(place, IMAGES[place])
        await recognizer.called.acquire()
        assert sizes(recognizer) == [PART_IMAGES]
        for place in range(PART_IMAGES, COUNT):
            arriving.add(place, IMAGES[place])
        result = await arriving.result(IMAGES)
    assert len(result.readings) == COUNT
    assert sizes(recognizer) == [PART_IMAGES, 3]


async def test_a_rollout_in_between_has_all_read_again() -> None:
    recognizer = Counted("v1", "v2")
    result = await read(recognizer, list(range(COUNT)))
    assert result.model_version == "v2"
    assert len(result.readings) == COUNT
    assert sizes(recognizer) == [PART_IMAGES, 3, COUNT]
