"""A load that begins at once: how soon further replicas read, how soon they go, and what fails meanwhile."""

import time
from collections.abc import Callable
from typing import NamedTuple

import httpx

from benchmarks.bench.clients import apart, closed_loop
from benchmarks.bench.contenders import OURS, serving
from benchmarks.bench.reading import CONNECTIONS
from benchmarks.traffic import Traffic

_LOOK_FOR_MORE_S = 0.2
_LOOK_FOR_FEWER_S = 5.0
"""Asking the replicas counts as load: asked more often, they are not seen idle for a whole minute."""

_LIMIT_S = 180.0
_LOADED_S = 20.0


class Autoscaling(NamedTuple):
    """What was measured.

    Attributes:
        rate: requests a second of the load, sent whatever becomes of them.
        replicas: that read at its height.
        up_s: from its begin until that many did.
        down_s: from its end until one was left.
        failed: requests that were not answered with 200, by kind.
        answered: requests that were.
    """

    rate: float
    replicas: int
    up_s: float
    down_s: float
    failed: dict[str, int]
    answered: int


def autoscaling(bodies: list[bytes], *, replicas: int = 2) -> Autoscaling:
    """Start with one replica, load the service to four fifths of its peak, and wait for ``replicas``, then for one."""
    with serving(OURS) as url:
        # The peak is that of several replicas; they have to be gone before the step.
        peak = apart(closed_loop, url, bodies, connections=CONNECTIONS, seconds=10.0)
        with httpx.Client(base_url=url, timeout=10) as client:
            _until(lambda: _replicas(client) == 1, every_s=_LOOK_FOR_FEWER_S)
            with Traffic(url, 0.8 * peak.per_s, bodies) as traffic:
                up_s = _until(lambda: _replicas(client) >= replicas, every_s=_LOOK_FOR_MORE_S)
                time.sleep(_LOADED_S)
            down_s = _until(lambda: _replicas(client) == 1, every_s=_LOOK_FOR_FEWER_S)
    outcomes = traffic.outcomes
    answered = outcomes.pop("200", 0)
    return Autoscaling(traffic.rate, replicas, up_s, down_s, dict(outcomes), answered)


def _replicas(client: httpx.Client) -> int:
    return len(client.get("/v1/status").raise_for_status().json()["replicas"])


def _until(condition: Callable[[], bool], *, every_s: float) -> float:
    """Seconds until it is so.

    Raises:
        TimeoutError: it is not so in three minutes.
    """
    began_s = time.monotonic()
    while not condition():
        if time.monotonic() - began_s > _LIMIT_S:
            raise TimeoutError(f"the number of replicas did not become what it should be in {_LIMIT_S:g} s")
        time.sleep(every_s)
    return round(time.monotonic() - began_s, 1)
