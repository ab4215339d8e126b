"""``python -m benchmarks.bench`` (``make bench``): how fast the service is, beside what one would use instead.

Each contender is started anew for each of its turns and has the machine, the client's share apart, to itself.
Prints tables and writes everything measured, machine and versions included, as JSON.
"""

import json
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks.bench import tables
from benchmarks.bench.autoscaling import autoscaling
from benchmarks.bench.ceiling import ceiling
from benchmarks.bench.contenders import OURS, TWIN, contenders
from benchmarks.bench.machine import describe
from benchmarks.bench.many_images import many_images
from benchmarks.bench.overload import overload
from benchmarks.bench.reading import Summary, summarise, take_turns
from benchmarks.load import bodies_of, images_of

_IMAGES = Path(__file__).parents[2] / "docs" / "images"
_SMOKE_RATIO = 0.4
"""Of the twin's throughput, below which the quick form fails: far below what a quiet machine shows."""

console = Console(highlight=False)


class Part(StrEnum):
    """What can be measured."""

    READING = "reading"
    MANY_IMAGES = "many-images"
    OVERLOAD = "overload"
    AUTOSCALING = "autoscaling"


def main(
    out: Annotated[Path, typer.Option(help="JSON file to write.")] = Path("bench.json"),
    rounds: Annotated[int, typer.Option(min=1, max=20, help="Turns of each contender.")] = 3,
    seconds: Annotated[float, typer.Option(min=1, max=120, help="Of each load.")] = 8.0,
    overload_seconds: Annotated[float, typer.Option(min=5, max=300, help="Of the overload.")] = 60.0,
    part: Annotated[list[Part] | None, typer.Option(help="Only this; may be repeated.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this contender; may be repeated.")] = None,
    images: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Folder of images to send.")] = _IMAGES,
    smoke: Annotated[bool, typer.Option("--smoke", help="Seconds only: fail where far slower than the twin.")] = False,
) -> None:
    """Measure and compare."""
    bodies, files = bodies_of(images), images_of(images)
    if smoke:
        _smoke(bodies)
        return
    parts = part or list(Part)
    told: dict[str, Any] = {"machine": describe(), "started": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
    best = 0.0
    if Part.READING in parts or Part.MANY_IMAGES in parts:
        told["ceiling"] = ceiling(files, seconds=seconds)
        best = max(told["ceiling"].values())
        console.print(f"ceiling, the reader alone in two processes: {best:.0f} images/s")
    if Part.READING in parts:
        turns = take_turns([c for c in contenders() if not only or c in only], bodies, rounds=rounds, seconds=seconds)
        told["turns"] = [turn._asdict() for turn in turns]
        tables.show_reading(console, summarise(turns), best)
    if Part.MANY_IMAGES in parts:
        measured = many_images(files, seconds=seconds)
        told["many_images"] = measured._asdict()
        tables.show_many_images(console, measured, best)
    if Part.OVERLOAD in parts:
        over = overload(bodies, seconds=overload_seconds)
        told["overload"] = over._asdict()
        tables.show_overload(console, over)
    if Part.AUTOSCALING in parts:
        scaled = autoscaling(bodies)
        told["autoscaling"] = scaled._asdict()
        tables.show_autoscaling(console, scaled)
    out.write_text(json.dumps(told, indent=1, default=_plain), encoding="utf-8")
    console.print(f"written to {out}")


def _plain(value: object) -> object:
    return value._asdict() if hasattr(value, "_asdict") else str(value)


def _smoke(bodies: list[bytes]) -> None:
    """Seconds of ours and the twin; only a ratio, with a generous bound, and no error."""
    summaries: dict[str, Summary] = summarise(take_turns([OURS, TWIN], bodies, rounds=1, seconds=2))
    tables.show_reading(console, summaries, 0.0)
    ours, twin = summaries[OURS], summaries[TWIN]
    if ours.errors or ours.crowd_per_s < _SMOKE_RATIO * twin.crowd_per_s:
        console.print(f"[red]too slow or failing[/red]: at least {_SMOKE_RATIO} of the twin's rate, without an error")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
