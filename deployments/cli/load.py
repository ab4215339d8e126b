"""Closed-loop load on a running service: every connection asks again once it was answered."""

import asyncio
import base64
import json
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx

from glyphserve.client.connection import options

READ_PATH = "/captcha_recap_image"
WARM_UP_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a load came to; times in milliseconds, of the requests answered with 200.

    Attributes:
        connections: that asked at once.
        seconds: measured, the warm-up before them left out.
        requests: answered with 200.
        requests_per_s: the same, a second.
        p50_ms: half of them took no longer.
        p90_ms: nine tenths.
        p99_ms: all but a hundredth.
        refused: requests answered 429.
        failed: all others, by HTTP code or kind of failure.
    """

    connections: int
    seconds: float
    requests: int
    requests_per_s: float
    p50_ms: float | None
    p90_ms: float | None
    p99_ms: float | None
    refused: int
    failed: dict[str, int]


@dataclass(slots=True)
class _Tally:
    durations_ms: list[float] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def measure(url: str, images: Sequence[bytes], *, key: str | None, connections: int, seconds: float) -> Measured:
    """Load a service for so many seconds after a second of warm-up. Blocks.

    Args:
        url: of the service.
        images: files that are read, in turns; at least one.
        key: a read key, if the service wants one.
        connections: that ask at once.
        seconds: how long is measured.

    Raises:
        ServiceError: ``url`` is none.
    """
    bodies = [json.dumps({"image_base64": base64.b64encode(image).decode()}).encode() for image in images]
    tally = asyncio.run(_load(options(url, key), bodies, connections=connections, seconds=seconds))
    durations = tally.durations_ms
    cuts = statistics.quantiles(durations, n=100) if len(durations) > 1 else []
    p50, p90, p99 = (round(cuts[at], 2) if cuts else None for at in (49, 89, 98))
    refused = tally.others.pop(str(HTTPStatus.TOO_MANY_REQUESTS.value), 0)
    return Measured(
        connections=connections,
        seconds=seconds,
        requests=len(durations),
        requests_per_s=round(len(durations) / seconds, 1),
        p50_ms=p50,
        p90_ms=p90,
        p99_ms=p99,
        refused=refused,
        failed=dict(tally.others),
    )


async def _load(arguments: dict[str, Any], bodies: Sequence[bytes], *, connections: int, seconds: float) -> _Tally:
    tally = _Tally()
    from_s = time.perf_counter() + WARM_UP_S
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx.AsyncClient(**{**arguments, "limits": limits}) as client:
        # Each begins at another image, so that they do not all send the same.
        starts = range(0, 7 * connections, 7)
        until_s = from_s + seconds
        await asyncio.gather(*(_ask(client, bodies, start, tally, from_s=from_s, until_s=until_s) for start in starts))
    return tally


async def _ask(
    client: httpx.AsyncClient, bodies: Sequence[bytes], start: int, tally: _Tally, *, from_s: float, until_s: float
) -> None:
    number = start
    while (began_s := time.perf_counter()) < until_s:
        try:
            answer = await client.post(
                READ_PATH, content=bodies[number % len(bodies)], headers={"Content-Type": "application/json"}
            )
            outcome = str(answer.status_code)
        except httpx.HTTPError as e:
            outcome = type(e).__name__
        number += 1
        if began_s < from_s:
            continue
        if outcome == str(HTTPStatus.OK.value):
            tally.durations_ms.append((time.perf_counter() - began_s) * 1000)
        else:
            tally.others[outcome] += 1
            # Who is refused comes again at once, as a careless client would, but lets the others have their turn.
            await asyncio.sleep(0)
