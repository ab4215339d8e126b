"""Closed-loop load on POST /captcha_recap_image: how many requests a second, how long each takes.

    python benchmarks/load.py --url http://127.0.0.1:8000 --connections 32 --seconds 10

Every connection sends its next request when the last was answered. The first second is
warm-up and does not count. Prints one JSON object; times are in milliseconds.
"""

import argparse
import asyncio
import base64
import ipaddress
import json
import os
import platform
import statistics
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

WARM_UP_S = 1.0
MAX_SECONDS = 120


@dataclass
class Tally:
    """What was measured after the warm-up."""

    durations_ms: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def add_error(self, kind: str) -> None:
        """Count one failed request."""
        self.errors[kind] = self.errors.get(kind, 0) + 1


def images_of(folder: Path) -> list[bytes]:
    """Every image file below ``folder``, in the order of their names."""
    files = sorted(f for f in folder.rglob("*") if f.suffix in {".png", ".jpg", ".gif", ".bmp", ".webp"})
    if not files:
        raise SystemExit(f"no image below {folder}")
    return [file.read_bytes() for file in files]


def bodies_of(folder: Path) -> list[bytes]:
    """Request bodies, one an image file below ``folder``."""
    return [json.dumps({"image_base64": base64.b64encode(image).decode()}).encode() for image in images_of(folder)]


async def client(session: aiohttp.ClientSession, url: str, bodies: list[bytes], start: int, until: float) -> Tally:
    """One connection's requests until the clock says ``until``."""
    tally = Tally()
    counts_from = time.perf_counter() + WARM_UP_S
    number = start
    while (began := time.perf_counter()) < until:
        body = bodies[number % len(bodies)]
        number += 1
        try:
            async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
                await answer.read()
                kind = "" if answer.status == 200 else str(answer.status)
        except aiohttp.ClientError as e:
            kind = type(e).__name__
        if began < counts_from:
            continue
        if kind:
            tally.add_error(kind)
        else:
            tally.durations_ms.append((time.perf_counter() - began) * 1000)
    return tally


@dataclass(frozen=True)
class Measured:
    """What one load came to; times in milliseconds."""

    connections: int
    seconds: float
    requests: int
    requests_per_s: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    errors: dict[str, int]


async def measure(url: str, bodies: list[bytes], connections: int, seconds: float) -> Measured:
    """Load ``url`` for ``seconds`` after the warm-up, with ``connections`` clients."""
    until = time.perf_counter() + WARM_UP_S + seconds
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        tallies = await asyncio.gather(
            *(client(session, f"{url}/captcha_recap_image", bodies, i * 7, until) for i in range(connections))
        )
    durations = sorted(d for tally in tallies for d in tally.durations_ms)
    errors: dict[str, int] = {}
    for tally in tallies:
        for kind, count in tally.errors.items():
            errors[kind] = errors.get(kind, 0) + count
    cuts = statistics.quantiles(durations, n=100) if len(durations) > 1 else [0.0] * 99
    return Measured(
        connections=connections,
        seconds=seconds,
        requests=len(durations),
        requests_per_s=round(len(durations) / seconds, 1),
        p50_ms=round(cuts[49], 2),
        p90_ms=round(cuts[89], 2),
        p99_ms=round(cuts[98], 2),
        errors=errors,
    )


def main() -> None:
    """Read the arguments, load a server on this machine, print the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--images", type=Path, default=Path(__file__).parents[1] / "docs" / "images")
    arguments = parser.parse_args()
    host = urlsplit(arguments.url).hostname or ""
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        parser.error("the load goes to this machine only")
    if not 0 < arguments.seconds <= MAX_SECONDS:
        parser.error(f"--seconds must be at most {MAX_SECONDS}")
    bodies = bodies_of(arguments.images)
    for connections in arguments.connections:
        measured = asyncio.run(measure(arguments.url, bodies, connections, arguments.seconds))
        print(json.dumps(asdict(measured) | {"cores": os.cpu_count(), "machine": platform.machine()}))


if __name__ == "__main__":
    main()
