"""Contenders in turns, under the same load: what POST /captcha_recap_image costs."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.bench.clients import Measured, apart, closed_loop, open_loop
from benchmarks.bench.contenders import serving

CONNECTIONS = 32

WARM_UP_S = 12.0
"""Before anything counts: a second replica reads 6 s after the load began, and its start takes a core until then."""


class Turn(NamedTuple):
    """One contender's turn.

    Attributes:
        contender: its name.
        crowd: with 32 connections.
        alone: with one.
        half: at a fixed half of the crowd's rate.
    """

    contender: str
    crowd: Measured
    alone: Measured
    half: Measured


def take_turns(contenders: Sequence[str], bodies: list[bytes], *, rounds: int, seconds: float) -> list[Turn]:
    """Let every contender serve in each round, each time started anew.

    Args:
        contenders: their names, in the order of their turns, which every other round reverses.
        bodies: of the requests.
        rounds: turns of each contender.
        seconds: of each of its three loads.
    """
    turns = []
    for number in range(rounds):
        for contender in contenders if number % 2 == 0 else reversed(contenders):
            with serving(contender) as url:
                # Thrown away: caches fill, replicas are added.
                apart(closed_loop, url, bodies, connections=CONNECTIONS, seconds=WARM_UP_S)
                crowd = apart(closed_loop, url, bodies, connections=CONNECTIONS, seconds=seconds)
                alone = apart(closed_loop, url, bodies, connections=1, seconds=seconds)
                half = apart(open_loop, url, bodies, rate=max(1.0, crowd.per_s / 2), seconds=seconds)
            turns.append(Turn(contender, crowd, alone, half))
    return turns


class Summary(NamedTuple):
    """A contender's medians over its turns; times in milliseconds."""

    contender: str
    crowd_per_s: float
    crowd_p50_ms: float
    crowd_p99_ms: float
    alone_p50_ms: float
    half_p50_ms: float
    half_p99_ms: float
    errors: int


def summarise(turns: Sequence[Turn]) -> dict[str, Summary]:
    """Medians by contender, in the order of their first turns."""
    names = list(dict.fromkeys(turn.contender for turn in turns))
    return {name: _summary(name, [turn for turn in turns if turn.contender == name]) for name in names}


def _summary(name: str, turns: Sequence[Turn]) -> Summary:
    def median(values: list[float]) -> float:
        return round(statistics.median(values), 2)

    return Summary(
        contender=name,
        crowd_per_s=median([t.crowd.per_s for t in turns]),
        crowd_p50_ms=median([t.crowd.p50_ms for t in turns]),
        crowd_p99_ms=median([t.crowd.p99_ms for t in turns]),
        alone_p50_ms=median([t.alone.p50_ms for t in turns]),
        half_p50_ms=median([t.half.p50_ms for t in turns]),
        half_p99_ms=median([t.half.p99_ms for t in turns]),
        errors=sum(sum(m.errors.values()) for t in turns for m in (t.crowd, t.alone, t.half)),
    )
