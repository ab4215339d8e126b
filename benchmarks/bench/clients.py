"""The clients: each runs in a process of its own, beside the service and apart from it."""

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np

from benchmarks.load import measure
from benchmarks.traffic import Traffic

Given = ParamSpec("Given")
Result = TypeVar("Result")

_WARM_UP_S = 1.0


class Measured(NamedTuple):
    """What a client saw after its warm-up.

    Attributes:
        per_s: requests answered with 200, a second.
        p50_ms: median time of these; p90_ms, p99_ms: percentiles.
        refused: share told 429, of all.
        refused_p99_ms: percentile of the time until they were told.
        errors: what else went wrong, by kind.
    """

    per_s: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    refused: float = 0.0
    refused_p99_ms: float = 0.0
    errors: dict[str, int] = {}  # noqa: RUF012 - never changed


def apart(work: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """Run ``work`` in a fresh process and give its result."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given, **named).result()


def closed_loop(url: str, bodies: list[bytes], *, connections: int, seconds: float) -> Measured:
    """So many connections, each of which asks again as soon as it was answered."""
    told = asyncio.run(measure(url, bodies, connections, seconds))
    return Measured(
        per_s=told.requests_per_s, p50_ms=told.p50_ms, p90_ms=told.p90_ms, p99_ms=told.p99_ms, errors=told.errors
    )


def open_loop(url: str, bodies: Sequence[bytes], *, rate: float, seconds: float) -> Measured:
    """Requests at a fixed rate, whatever becomes of them; as long as it takes until all are answered."""
    with Traffic(url, rate, bodies) as traffic:
        time.sleep(_WARM_UP_S + seconds)
    from_s = min(sample.sent_s for sample in traffic.samples) + _WARM_UP_S
    counted = [sample for sample in traffic.samples if sample.sent_s >= from_s]
    took_ms = {
        outcome: [1000 * s.took_s for s in counted if s.outcome == outcome] or [0.0] for outcome in ("200", "429")
    }
    outcomes = Counter(sample.outcome for sample in counted)
    last_s = max(sample.sent_s + sample.took_s for sample in counted)
    p50, p90, p99 = np.percentile(took_ms["200"], (50, 90, 99)).round(2)
    return Measured(
        per_s=round(outcomes.pop("200", 0) / (last_s - from_s), 1),
        p50_ms=float(p50),
        p90_ms=float(p90),
        p99_ms=float(p99),
        refused=round(outcomes.pop("429", 0) / len(counted), 3),
        refused_p99_ms=round(float(np.percentile(took_ms["429"], 99)), 2),
        errors=dict(outcomes),
    )
