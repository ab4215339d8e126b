"""``python -m benchmarks.bench.two_nodes``: one Ray node with two recognizers, and two nodes with one each.

Plain Ray on this machine, as `serve deploy` finds it: Serve's own proxy, none of `glyphserve up`'s tuning, both
nodes on the same records and blobs. At the end one of the two nodes is killed under load. Prints requests a second
and what became of the requests meanwhile.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import yaml
from rich.console import Console

from benchmarks.bench.clients import apart, closed_loop
from benchmarks.bench.reading import CONNECTIONS, WARM_UP_S
from benchmarks.load import bodies_of
from benchmarks.own_service import REPOSITORY, free_port
from benchmarks.traffic import Traffic
from tests.support.plain_cluster import PlainCluster, plain_cluster

_READY_S = 120.0
_RATE = 30.0
"""Requests a second while a node is lost: what one recognizer reads easily, on cores that it shares."""

_LOSS_S = 25.0

console = Console(highlight=False)


def main(
    seconds: Annotated[float, typer.Option(min=2, max=120, help="Of each load.")] = 8.0,
    nodes: Annotated[list[int] | None, typer.Option(min=1, max=2, help="Only so many; may be repeated.")] = None,
    lose: Annotated[bool, typer.Option(help="Kill one of the two nodes at the end.")] = True,
) -> None:
    """Measure both."""
    bodies = bodies_of(REPOSITORY / "docs" / "images")
    for count in nodes or (1, 2):
        with _service(count, bodies, lose=lose and count == 2) as (cluster, url):
            apart(closed_loop, url, bodies, connections=CONNECTIONS, seconds=WARM_UP_S)
            measured = apart(closed_loop, url, bodies, connections=CONNECTIONS, seconds=seconds)
            held = len({replica["node_id"] for replica in cluster.replicas("Recognizer")})
        console.print(
            f"recognizers on {held} of {count} nodes: {measured.per_s:.0f} images/s, p50 / p99 {measured.p50_ms:.0f} / "
            f"{measured.p99_ms:.0f} ms, errors {measured.errors or 'none'}"
        )


@contextmanager
def _service(nodes: int, bodies: list[bytes], *, lose: bool) -> Iterator[tuple[PlainCluster, str]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory(prefix="glyphserve-bench-") as folder,
        plain_cluster(cpus=2 // nodes) as cluster,
    ):
        with cluster.joined_by(cpus=1) if nodes == 2 else nullcontext():
            cluster.serve("deploy", str(_config(Path(folder), port)))
            _wait_until_ready(url, cluster)
            yield cluster, url
            traffic = Traffic(url, _RATE, bodies)
            if lose:
                traffic.__enter__()
                time.sleep(2)
        if lose:
            time.sleep(_LOSS_S)
            traffic.__exit__(None, None, None)
            console.print(f"{_RATE:g} requests/s while a node died: {dict(traffic.outcomes)}")


def _config(folder: Path, port: int) -> Path:
    config = yaml.safe_load((REPOSITORY / "cluster.yaml").read_text(encoding="utf-8"))
    config["http_options"]["port"] = port
    (application,) = config["applications"]
    application["args"].update(port=port, data_dir=str(folder / "data"))
    deployments: dict[str, Any] = {deployment["name"]: deployment for deployment in application["deployments"]}
    deployments["Recognizer"]["autoscaling_config"].update(min_replicas=2, initial_replicas=2)
    deployments["Recognizer"]["ray_actor_options"]["num_cpus"] = 1
    deployments["Ingress"]["ray_actor_options"]["num_cpus"] = 0
    path = folder / "cluster.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def _wait_until_ready(url: str, cluster: PlainCluster) -> None:
    deadline_s = time.monotonic() + _READY_S
    while time.monotonic() < deadline_s:
        try:
            ready = httpx.get(f"{url}/healthz/ready", timeout=5).is_success
        except httpx.TransportError:
            ready = False
        if ready and [replica["state"] for replica in cluster.replicas("Recognizer")].count("RUNNING") == 2:
            return
        time.sleep(0.5)
    raise TimeoutError("two recognizers did not come up")


if __name__ == "__main__":
    typer.run(main)
