"""CPU time of an ingress replica's parts, without a cluster: ``python -m benchmarks.ingress``.

Of each, the fastest of many rounds, so that what else runs on the machine counts little. Prints microseconds.
"""

import pickle
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import uvloop
from ray import cloudpickle
from starlette.types import ASGIApp, Message

from benchmarks.bench.captcha_server import captcha_server
from benchmarks.load import bodies_of, images_of
from deployments.archive import NewRecognition
from deployments.fetcher.fetcher import Fetcher
from deployments.ingress.reading import ReadingClient
from deployments.ingress.services import Services
from deployments.ingress.web import create_app
from deployments.protocol import ReadJob, ReadResult
from deployments.settings.fetch import FetchSettings
from deployments.settings.resolve import resolve_settings
from ocr_model.constraint import Constraint
from ocr_model.reading import Reading

_IMAGES = Path(__file__).parents[1] / "docs" / "images"
_READING = Reading(text="4207", confidence=0.9, character_confidences=(0.9,) * 4)
_BATCH = 8


class _Recognizer:
    """Has read everything before it is asked."""

    async def read(self, jobs: list[ReadJob]) -> list[ReadResult]:
        return [ReadResult(readings=(_READING,) * len(job.images), model_version="v", replica="r") for job in jobs]


class _Archive:
    """Keeps nothing."""

    async def store(self, entries: Sequence[NewRecognition]) -> list[str]:
        return [uuid.uuid4().hex for _ in entries]


async def _fastest_us(work: Callable[[], Awaitable[object]], *, times: int, rounds: int = 30) -> float:
    """CPU microseconds of this thread for one call of ``work``."""
    best_s = float("inf")
    for _ in range(rounds):
        began_s = time.thread_time()
        for _ in range(times):
            await work()
        best_s = min(best_s, time.thread_time() - began_s)
    return 1e6 * best_s / times


async def _application() -> float:
    """One POST /captcha_recap_image through the application: no HTTP, no Serve, no storage."""
    settings = resolve_settings({})
    services = Services(
        settings=settings,
        reading=ReadingClient(cast("Any", _Recognizer()), settings.reading),
        archive=cast("Any", _Archive()),
        fetcher=cast("Any", None),
        models=cast("Any", None),
    )
    bodies = sorted(bodies_of(_IMAGES), key=len)
    app = create_app(services, answers_id=False)
    return await _fastest_us(lambda: _post(app, bodies[len(bodies) // 2]), times=100)


async def _post(app: ASGIApp, body: bytes) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(body))}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/captcha_recap_image",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, receive, send)
    if sent[0]["status"] != 200:
        raise RuntimeError(f"the application answered {sent}")


async def _pickling(dumps: Callable[[object], bytes]) -> float:
    """The jobs of a call and their results, there and back."""
    jobs = [ReadJob(request_id="0" * 32, images=(bytes(3000),), constraint=Constraint()) for _ in range(_BATCH)]
    results = await _Recognizer().read(jobs)

    async def there_and_back() -> None:
        for value in (jobs, results):
            pickle.loads(dumps(value))  # noqa: S301 - our own

    return await _fastest_us(there_and_back, times=100)


async def _download(address: str) -> float:
    """One of 32 images of a request."""
    fetcher = Fetcher(FetchSettings(allowed_hosts=(address,)))
    url = f"http://{address}/captcha.png"
    try:
        return await _fastest_us(lambda: fetcher.fetch_many(url, session_id="bench", count=32), times=1) / 32
    finally:
        await fetcher.aclose()


async def _measure(address: str) -> SimpleNamespace:
    return SimpleNamespace(
        application=await _application(),
        pickling=await _pickling(partial(pickle.dumps, protocol=pickle.HIGHEST_PROTOCOL)),
        pickling_as_serve=await _pickling(cloudpickle.dumps),
        download=await _download(address),
    )


def main() -> None:
    """Measure all of them."""
    with captcha_server(images_of(_IMAGES)) as address:
        told = uvloop.run(_measure(address))
    print(f"application, a request of one image: {told.application:.0f} us")
    print(f"pickling the jobs and results of a call of {_BATCH} images, there and back: {told.pickling:.0f} us")
    print(f"the same as Serve pickles: {told.pickling_as_serve:.0f} us")
    print(f"downloading an image, of 32: {told.download:.0f} us")


if __name__ == "__main__":
    main()
