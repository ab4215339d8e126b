"""A service that has as many images waiting as may wait."""

import asyncio

import pytest

from deployments.ingress.bodies import EXAMPLE_IMAGE
from deployments.protocol import ReadJob, ReadResult
from tests.support.fake_recognizer import FakeRecognizer
from tests.unit.deployments.ingress.conftest import Serve

BODY = {"image_base64": EXAMPLE_IMAGE}


class SlowRecognizer(FakeRecognizer):
    """Answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()
        self.asked = asyncio.Event()

    async def read(self, jobs: list[ReadJob]) -> list[ReadResult]:
        self.asked.set()
        await self.may_answer.wait()
        return await super().read(jobs)


@pytest.fixture
def recognizer() -> SlowRecognizer:
    return SlowRecognizer()


async def test_what_may_not_wait_is_refused_before_it_is_parsed(serve: Serve, recognizer: SlowRecognizer) -> None:
    async with serve(reading={"calls_per_replica": 1, "waiting_images": 1}) as client, asyncio.TaskGroup() as tasks:
        read = tasks.create_task(client.post("/captcha_recap_image", json=BODY))
        await recognizer.asked.wait()
        waiting = tasks.create_task(client.post("/captcha_recap_image", json=BODY))
        while (await client.get("/v1/status")).json()["waiting_images"] == 0:  # noqa: ASYNC110 - the count is the event
            await asyncio.sleep(0)
        for path in ("/captcha_recap_image", "/captcha_image"):
            refused = await client.post(path, content=b"this is no JSON at all")
            assert (refused.status_code, refused.json()["message"]) == (429, "too busy")
            assert refused.headers["Retry-After"] == "1"
        assert (await client.get("/healthz/live")).is_success
        recognizer.may_answer.set()
        assert [answer.status_code for answer in (await read, await waiting)] == [200, 200]
