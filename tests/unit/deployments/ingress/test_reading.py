"""Requests of many images are dealt out over calls, and no answer mixes model versions."""

import asyncio
import dataclasses

import pytest

from deployments.errors import TooBusyError
from deployments.ingress.reading import ReadingClient
from deployments.protocol import ReadJob, ReadResult
from deployments.settings.reading import ReadingSettings
from ocr_model.constraint import Constraint
from tests.support.fake_recognizer import FakeRecognizer
from tests.support.images import png

ANY = Constraint()
SMALL = ReadingSettings(batch_images=2)


def job(count: int) -> ReadJob:
    images = tuple(png(size=(20 + i, 10)) for i in range(count))
    return ReadJob(request_id="r", images=images, constraint=ANY)


class Moving(FakeRecognizer):
    """Reads each call with the next version until they have all had their turn."""

    versions = ["v1", "v2"]  # noqa: RUF012

    async def read(self, jobs: list[ReadJob]) -> list[ReadResult]:
        number = len(self.calls)
        version = self.versions[min(number, len(self.versions) - 1)]
        return [dataclasses.replace(result, model_version=version) for result in await super().read(jobs)]


async def test_many_images_are_dealt_out_and_answered_in_order() -> None:
    recognizer = FakeRecognizer()
    result = await ReadingClient(recognizer, SMALL).read(job(5))
    assert [len(jobs[0].images) for jobs in recognizer.calls] == [2, 2, 1]
    assert [getattr(reading, "text", "") for reading in result.readings] == [f"{20 + i}x10" for i in range(5)]


async def test_few_images_travel_together() -> None:
    recognizer = FakeRecognizer()
    await ReadingClient(recognizer, SMALL).read(job(2))
    assert len(recognizer.calls) == 1


async def test_an_answer_never_mixes_versions() -> None:
    recognizer = Moving()
    result = await ReadingClient(recognizer, SMALL).read(job(4))
    assert result.model_version == "v2"
    assert len(result.readings) == 4
    assert [len(jobs[0].images) for jobs in recognizer.calls] == [2, 2, 4], "read again, in one call"


async def test_a_request_is_refused_whole() -> None:
    recognizer = FakeRecognizer()
    client = ReadingClient(recognizer, SMALL.model_copy(update={"waiting_images": 3, "calls_per_replica": 1}))
    first, second = (asyncio.create_task(client.read(job(2))) for _ in range(2))
    await asyncio.sleep(0)
    with pytest.raises(TooBusyError):
        await client.read(job(4))
    await asyncio.gather(first, second)
    assert len(recognizer.calls) == 2


class Many(FakeRecognizer):
    """As many replicas as calls; each waits until the test lets it go."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way = 0
        self.let = asyncio.Semaphore(0)

    async def read(self, jobs: list[ReadJob]) -> list[ReadResult]:
        self.under_way += 1
        await self.let.acquire()
        self.under_way -= 1
        number = len(self.calls)
        return [dataclasses.replace(result, replica=str(number)) for result in await super().read(jobs)]


async def test_every_replica_that_answers_gets_calls_of_its_own() -> None:
    recognizer = Many()
    client = ReadingClient(recognizer, SMALL)
    tasks = [asyncio.create_task(client.read(job(2))) for _ in range(12)]
    for answered, under_way in ((0, 2), (1, 2), (2, 4), (3, 6)):
        for _ in range(10):
            await asyncio.sleep(0)
        assert (len(recognizer.calls), recognizer.under_way) == (answered, under_way)
        recognizer.let.release()
    for _ in range(12):
        recognizer.let.release()
    await asyncio.gather(*tasks)
