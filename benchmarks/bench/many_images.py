"""Requests of many images each: POST /captcha_image against a captcha server on this machine."""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks.bench.captcha_server import captcha_server
from benchmarks.bench.clients import apart
from benchmarks.bench.reading import WARM_UP_S
from benchmarks.own_service import OwnService, own_service

TIMES = 32
_CONNECTIONS = 2


class ManyImages(NamedTuple):
    """What was measured.

    Attributes:
        images_per_s: read, of all requests together.
        errors: requests that were not answered with 200.
        largest_mib: most memory that any process of the service had resident, and how much that is
            more than the same process had before.
        grown_mib: see ``largest_mib``.
    """

    images_per_s: float
    errors: int
    largest_mib: float
    grown_mib: float


def many_images(images: list[bytes], *, seconds: float) -> ManyImages:
    """Ask for ``TIMES`` images a request on two connections for so many seconds."""
    with captcha_server(images) as address, tempfile.TemporaryDirectory(prefix="glyphserve-bench-") as folder:
        allowed = {"GLYPHSERVE_FETCH__ALLOWED_HOSTS": json.dumps([address])}
        body = {"session_id": "bench", "image_url": f"http://{address}/captcha.png", "time": TIMES}
        with own_service(Path(folder), environment=allowed) as service:
            apart(_ask, service.url, body, seconds=WARM_UP_S)
            before = _resident(service)
            read, errors, passed_s = apart(_ask, service.url, body, seconds=seconds)
            after = _resident(service)
    return ManyImages(
        images_per_s=round(read / passed_s, 1),
        errors=errors,
        largest_mib=round(max(after.values()) / 2**20, 1),
        grown_mib=round(max(after[pid] - before.get(pid, after[pid]) for pid in after) / 2**20, 1),
    )


def _ask(url: str, body: dict[str, object], *, seconds: float) -> tuple[int, int, float]:
    """Images read, requests that failed, and how long it took."""
    return asyncio.run(_ask_all(url, body, seconds))


async def _ask_all(url: str, body: dict[str, object], seconds: float) -> tuple[int, int, float]:
    start_s = time.perf_counter()
    outcomes: list[int] = []

    async def connection(session: aiohttp.ClientSession) -> None:
        while time.perf_counter() - start_s < seconds:
            async with session.post(f"{url}/captcha_image", json=body) as answer:
                content = (await answer.json())["content"]
                outcomes.append(len(content["list_label"]) if answer.status == 200 else 0)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(connection(session) for _ in range(_CONNECTIONS)))
    return sum(outcomes), outcomes.count(0), time.perf_counter() - start_s


def _resident(service: OwnService) -> dict[int, int]:
    """Bytes resident, by process."""
    return {process.pid: process.memory_info().rss for process in service.processes()}
