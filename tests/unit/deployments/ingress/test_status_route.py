import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from deployments.ingress.middleware import RequestContext
from deployments.ingress.reading import REPORTS_KEPT_S, ReadingClient
from deployments.ingress.traffic import WINDOW_S, Traffic
from deployments.metrics.meter import SILENT
from deployments.protocol import ReadJob
from deployments.settings.reading import ReadingSettings
from ocr_model.constraint import Constraint
from tests.support.fake_recognizer import FakeRecognizer
from tests.support.images import png, png_base64
from tests.unit.deployments.ingress.conftest import Serve

KEY, OTHER = "k" * 20, "o" * 20


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.5

    def __call__(self) -> float:
        return self.now_s


async def test_what_a_fresh_service_says(client: httpx.AsyncClient) -> None:
    found = (await client.get("/v1/status")).json()
    assert found["replicas"] == [
        {"id": "fake", "model_version": "fake-1", "generation": 1, "images_read": 0, "fault": ""}
    ]
    assert (found["corrections"], found["retrains_queued"], found["waiting_images"]) == (0, 0, 0)
    assert found["haproxy_refused"] is None
    assert (found["may_write"], found["needs_key"], found["trains"]) == (True, False, True)
    assert found["traffic"] | {"per_second": []} == {
        "window_s": 60,
        "per_second": [],
        "requests": 0,
        "refused": 0,
        "failed": 0,
        "p50_ms": None,
        "p90_ms": None,
        "p99_ms": None,
    }


async def test_corrections_and_jobs_are_counted(client: httpx.AsyncClient) -> None:
    read = (await client.post("/captcha_recap_image", json={"image_base64": png_base64()})).json()
    await client.put(f"/v1/recognitions/{read['content']['list_id'][0]}/label", json={"label": "42"})
    await client.post("/v1/retrains")
    found = (await client.get("/v1/status")).json()
    assert (found["corrections"], found["retrains_queued"]) == (1, 1)


async def test_without_replicas_it_still_answers(client: httpx.AsyncClient, recognizer: FakeRecognizer) -> None:
    recognizer.script.append(TimeoutError())
    assert (await client.get("/v1/status")).json()["replicas"] == []


async def test_who_asks_often_is_no_load_on_the_replicas(recognizer: FakeRecognizer) -> None:
    """Each question to the replicas counts as a call under way on each, by which Serve scales them."""
    clock = Clock()
    reading = ReadingClient(recognizer, ReadingSettings(), clock=clock)
    for _ in range(60):
        assert len(await reading.reports()) == 1
        clock.now_s += REPORTS_KEPT_S / 60
    assert recognizer.asked_all == 1
    await reading.reports()
    assert recognizer.asked_all == 2
    await reading.reports(generation=1)
    assert recognizer.asked_all == 2
    await reading.reports(generation=2)
    assert recognizer.asked_all == 3, "they are behind the pointer: perhaps no longer"


@pytest.mark.parametrize(("key", "may_write"), [(KEY, True), (OTHER, False)])
async def test_it_says_what_a_key_may(serve: Serve, key: str, may_write: bool) -> None:
    async with serve(admin_keys={"ops": KEY}, read_keys={"kiosk": OTHER}) as client:
        found = (await client.get("/v1/status", headers={"X-API-Key": key})).json()
        assert (found["may_write"], found["needs_key"]) == (may_write, True)


def test_traffic_is_that_of_the_last_minute() -> None:
    clock = Clock()
    traffic = Traffic(clock)
    for status, duration_s in [(200, 0.010), (200, 0.010), (400, 0.002), (503, 0.5), (0, 0.010)]:
        traffic.count(status=status, duration_s=duration_s)
    assert traffic.report().requests == 0, "the second under way is not counted yet"
    clock.now_s += 1
    report = traffic.report()
    assert report.per_second == (*[0] * (WINDOW_S - 1), 5)
    assert (report.refused, report.failed) == (1, 2)
    p50, p99 = report.quantile_ms(0.5), report.quantile_ms(0.99)
    assert p50 is not None
    assert 10 <= p50 <= 11.1
    assert p99 is not None
    assert 500 <= p99 <= 551
    clock.now_s += WINDOW_S
    traffic.count(status=200, duration_s=1e-6)
    clock.now_s += 1
    report = traffic.report()
    assert (report.requests, report.failed, report.quantile_ms(0.5)) == (1, 0, 0.5)


async def test_only_reading_is_counted_and_what_failed_is_told() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["query_string"] == b"gone":
            raise ConnectionError
        await Response(status_code=int(scope["query_string"]))(scope, receive, send)

    clock = Clock()
    traffic = Traffic(clock)
    transport = httpx.ASGITransport(
        RequestContext(app, answers_id=False, meter=SILENT, traffic=traffic), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for path in ("/v1/recognitions?500", "/captcha_image?200", "/captcha_recap_image?400", "/captcha_image?gone"):
            await client.post(path)
    clock.now_s += 1
    report = traffic.report()
    assert (report.requests, report.refused, report.failed) == (3, 1, 1)


async def test_a_replica_that_was_added_is_told_as_soon_as_it_reads(recognizer: FakeRecognizer) -> None:
    reading = ReadingClient(recognizer, ReadingSettings(), clock=Clock())
    await reading.reports()
    job = ReadJob(request_id="r", images=(png(),), constraint=Constraint())
    await reading.read(job)
    await reading.reports()
    assert recognizer.asked_all == 2
    await reading.read(job)
    await reading.reports()
    assert recognizer.asked_all == 2, "nobody new has read"
