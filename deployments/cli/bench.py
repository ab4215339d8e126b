"""`glyphserve bench`: how many requests a running service answers, and how fast."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deployments.cli.errors import reports_errors
from deployments.cli.load import WARM_UP_S, Measured, measure
from deployments.cli.options import JsonOption
from deployments.cli.read import images_in
from deployments.cli.service import KeyOption, Service, UrlOption
from deployments.cluster.readiness import READY_PATH
from ocr_model.errors import LabelsError


@reports_errors
def bench(
    images: Annotated[list[Path], typer.Argument(help="Image files, or folders of them, that are sent in turns.")],
    connections: Annotated[
        list[int] | None, typer.Option(min=1, max=512, help="Connections that ask at once; repeat it for several runs.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="Seconds that each run measures.")] = 10,
    as_json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Measure a running service: requests a second, latency, refusals.

    Every connection asks again once it was answered. The load is real: each image that is read is stored, and on one
    machine the asking takes a part of the cores that are measured.
    """
    files = [file.read_bytes() for file in images_in(images) if file.is_file()]
    if not files:
        raise LabelsError(f"no image is there to send: {', '.join(map(str, images))}")
    with Service(url, key=key) as service:
        version = service.get(READY_PATH)["model_version"]
        runs = []
        for at_once in connections or [1, 32]:
            if not as_json:
                typer.echo(f"{at_once} connections, {WARM_UP_S + seconds:g} s ...", err=True)
            runs.append(measure(service.url, files, key=key, connections=at_once, seconds=seconds))
    if as_json:
        typer.echo(json.dumps({"url": service.url, "model_version": version, "runs": [asdict(run) for run in runs]}))
    else:
        _show(runs, f"{service.url}, {version}, {len(files)} images")


def _show(runs: list[Measured], title: str) -> None:
    columns = ("connections", "requests/s", "p50 ms", "p90 ms", "p99 ms", "refused", "failed")
    table = Table(*columns, title=title)
    for run in runs:
        failed = ", ".join(f"{count} {kind}" for kind, count in sorted(run.failed.items()))
        times = ("-" if time is None else f"{time:.1f}" for time in (run.p50_ms, run.p90_ms, run.p99_ms))
        table.add_row(str(run.connections), f"{run.requests_per_s:g}", *times, str(run.refused), failed or "0")
    Console().print(table)
