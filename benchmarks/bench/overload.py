"""Three times more requests than the service can take, and what it is like after them."""

import time
from typing import NamedTuple

import httpx

from benchmarks.bench.clients import Measured, apart, closed_loop, open_loop
from benchmarks.bench.contenders import OURS, serving
from benchmarks.bench.reading import CONNECTIONS, WARM_UP_S

_TIMES = 3
_CALM_S = 5.0
_RECOVERY_LIMIT_S = 30.0


class Overload(NamedTuple):
    """What was measured.

    Attributes:
        peak_per_s: requests a second with 32 connections before it.
        over: under three times that rate.
        recovered_s: after the last request of the overload until a request took no longer than twice
            what a lone one took before.
    """

    peak_per_s: float
    over: Measured
    recovered_s: float


def overload(bodies: list[bytes], *, seconds: float) -> Overload:
    """Measure the peak, then overload the service for so many seconds."""
    with serving(OURS) as url:
        apart(closed_loop, url, bodies, connections=CONNECTIONS, seconds=WARM_UP_S)
        peak = apart(closed_loop, url, bodies, connections=CONNECTIONS, seconds=_CALM_S)
        alone = apart(closed_loop, url, bodies, connections=1, seconds=2.0)
        over = apart(open_loop, url, bodies, rate=_TIMES * peak.per_s, seconds=seconds)
        recovered_s = _recovery_s(url, bodies[0], limit_ms=2 * alone.p90_ms)
    return Overload(peak.per_s, over, recovered_s)


def _recovery_s(url: str, body: bytes, *, limit_ms: float) -> float:
    start_s = time.monotonic()
    with httpx.Client(base_url=url) as client:
        while (began_s := time.monotonic()) < start_s + _RECOVERY_LIMIT_S:
            answer = client.post("/captcha_recap_image", content=body)
            if answer.is_success and 1000 * (time.monotonic() - began_s) <= limit_ms:
                return round(began_s - start_s, 2)
    return _RECOVERY_LIMIT_S
