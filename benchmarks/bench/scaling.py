"""``python -m benchmarks.bench.scaling``: throughput at 1, 2, 4, 8 replicas that only sleep.

Two cores cannot run eight networks, so each replica sleeps as long as a device would work on a batch
(`benchmarks.services.sleeping`); everything else does its real work. Prints a table and JSON.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from benchmarks.bench.clients import Measured, apart, closed_loop
from benchmarks.bench.machine import describe
from benchmarks.load import bodies_of
from benchmarks.own_service import REPOSITORY, own_service
from benchmarks.services.sleeping import BATCH_MS

_WAITING_BATCHES = 3
"""Connections for each replica, in batches: one on the device, one on its way, one that forms."""

console = Console(highlight=False)


def main(
    replicas: Annotated[list[int] | None, typer.Option(help="Counts of replicas; 1, 2, 4, 8 if not given.")] = None,
    ingresses: Annotated[int, typer.Option(min=1, max=4, help="Ingress replicas.")] = 1,
    batch_ms: Annotated[float, typer.Option(min=1, help="How long a device works on a batch.")] = 160.0,
    batch_images: Annotated[int, typer.Option(min=1, max=64, help="Images of a batch.")] = 8,
    seconds: Annotated[float, typer.Option(min=1, max=120, help="Of each load.")] = 8.0,
    out: Annotated[Path, typer.Option(help="JSON file to write.")] = Path("scaling.json"),
) -> None:
    """Measure each count of replicas."""
    bodies = bodies_of(REPOSITORY / "docs" / "images")
    of_one = 1000 * batch_images / batch_ms
    table = Table("replicas", "at most /s", "requests/s", "efficiency", "p50/p99 ms", "errors")
    told: list[dict[str, Any]] = []
    for count in replicas or (1, 2, 4, 8):
        with _config(count, ingresses, batch_images) as config:
            measured = _measure(config, bodies, count * batch_images * _WAITING_BATCHES, batch_ms, seconds)
        efficiency = measured.per_s / (count * of_one)
        told.append({"replicas": count, "efficiency": efficiency, **measured._asdict()})
        table.add_row(
            str(count),
            f"{count * of_one:.0f}",
            f"{measured.per_s:.0f}",
            f"{efficiency:.2f}",
            f"{measured.p50_ms:.0f}/{measured.p99_ms:.0f}",
            str(sum(measured.errors.values())),
        )
    console.print(table)
    given = {"ingresses": ingresses, "batch_ms": batch_ms, "batch_images": batch_images, "seconds": seconds}
    out.write_text(json.dumps({"machine": describe(), **given, "measured": told}, indent=1), encoding="utf-8")


@contextmanager
def _config(replicas: int, ingresses: int, batch_images: int) -> Iterator[Path]:
    """cluster.yaml with sleeping replicas that reserve no core."""
    config = yaml.safe_load((REPOSITORY / "cluster.yaml").read_text(encoding="utf-8"))
    application = config["applications"][0]
    application["import_path"] = "benchmarks.services.sleeping:build"
    application["args"]["reading"] = {"batch_images": batch_images}
    for deployment in application["deployments"]:
        deployment["ray_actor_options"]["num_cpus"] = 0
        if deployment["name"] == "Ingress":
            deployment["num_replicas"] = ingresses
        if deployment["name"] == "Recognizer":
            del deployment["autoscaling_config"]
            deployment["num_replicas"] = replicas
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cluster.yaml")
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        yield path


def _measure(config: Path, bodies: list[bytes], connections: int, batch_ms: float, seconds: float) -> Measured:
    environment = {BATCH_MS: str(batch_ms), "PYTHONPATH": str(REPOSITORY)}
    with own_service(config.parent / "data", config=config, environment=environment) as service:
        apart(closed_loop, service.url, bodies, connections=connections, seconds=2.0)
        return apart(closed_loop, service.url, bodies, connections=connections, seconds=seconds)


if __name__ == "__main__":
    typer.run(main)
