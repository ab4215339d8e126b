"""What an ingress replica counts of the requests that pass it."""

import base64

import httpx

from deployments.errors import NotReadyError
from deployments.metrics.catalogue import CONFIDENCE, READS, REQUEST_SECONDS, WAITING_IMAGES
from tests.support.fake_recognizer import VERSION, FakeRecognizer
from tests.support.images import png
from tests.support.recorded_meter import RecordedMeter

ROUTE = "/captcha_recap_image"


async def read(client: httpx.AsyncClient, image: bytes) -> httpx.Response:
    return await client.post(ROUTE, json={"image_base64": base64.b64encode(image).decode()})


async def test_a_reading_is_counted_with_its_confidence(client: httpx.AsyncClient, meter: RecordedMeter) -> None:
    assert (await read(client, png())).status_code == 200
    assert meter.counted(READS, outcome="read") == 1
    assert meter.observed(CONFIDENCE, model_version=VERSION) == [0.9]
    assert meter.shown(WAITING_IMAGES) == 0
    [seconds] = meter.observed(REQUEST_SECONDS, route=ROUTE, code="200")
    assert 0 < seconds < 60


async def test_a_failure_is_counted_by_its_message(
    client: httpx.AsyncClient, meter: RecordedMeter, recognizer: FakeRecognizer
) -> None:
    await read(client, b"")
    await read(client, b"no image")
    recognizer.script.append(NotReadyError("none"))
    await read(client, png())
    assert {o: meter.counted(READS, outcome=o) for o in ("empty image", "not an image", "not ready", "read")} == {
        "empty image": 1,
        "not an image": 1,
        "not ready": 1,
        "read": 0,
    }
    assert len(meter.observed(REQUEST_SECONDS, route=ROUTE, code="400")) == 2
    assert len(meter.observed(REQUEST_SECONDS, route=ROUTE, code="503")) == 1


async def test_ids_make_no_series_of_their_own(client: httpx.AsyncClient, meter: RecordedMeter) -> None:
    await client.get("/v1/recognitions/01a2026398677148aa61e8e68610cfb1")
    await client.get("/v1/recognitions/01a2026398677148aa61e8e68610cfb2")
    await client.get("/nowhere/1")
    assert len(meter.observed(REQUEST_SECONDS, route="/v1/recognitions/{id}", code="404")) == 2
    assert len(meter.observed(REQUEST_SECONDS, route="none", code="404")) == 1
    assert meter.counted(READS, outcome="not found") == 0
