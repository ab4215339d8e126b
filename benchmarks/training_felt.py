"""What readers feel of a training on the same cores: throughput and latency with it and without, in turn.

    python -m benchmarks.training_felt --images FOLDER
    python -m benchmarks.training_felt --images FOLDER --turns 6 --seconds 6 --connections 8

A service of its own learns from FOLDER (images and a labels.csv) while it is read closed-loop, every connection
sending its next request when the last was answered. The training is stopped (SIGSTOP) and let go on in turns, so that
whatever else the machine does hits both alike; before and after there are turns without any job. Prints a table and
exits with 1 if less than 85 % of the throughput is left, or the 99th percentile is more than doubled.
"""

import argparse
import asyncio
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml

from benchmarks.learning import labelled
from benchmarks.load import Measured, bodies_of, measure
from benchmarks.own_service import REPOSITORY, OwnService, own_service

LEAST_THROUGHPUT = 0.85
MOST_P99 = 2.0
_WORKER = "RayTrainWorker"
_START_S = 240.0


@dataclass(frozen=True)
class Row:
    """The turns of one kind.

    Attributes:
        training: whether one ran.
        turns: how many.
        requests_per_s: median over them.
        p50_ms: likewise.
        p99_ms: likewise.
        errors: requests that were not answered with 200, in all.
    """

    training: str
    turns: int
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    errors: int


def write_config(folder: Path, *, replicas: int) -> Path:
    """cluster.yaml with as many recognizers from the start as the load would bring about."""
    config: dict[str, Any] = yaml.safe_load((REPOSITORY / "cluster.yaml").read_text(encoding="utf-8"))
    for deployment in config["applications"][0]["deployments"]:
        if deployment["name"] == "Recognizer":
            deployment["autoscaling_config"] |= dict.fromkeys(
                ("min_replicas", "initial_replicas", "max_replicas"), replicas
            )
    path = folder / "cluster.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def workers(service: OwnService) -> list[psutil.Process]:
    """The processes that train and draw for the service."""
    found: list[psutil.Process] = []
    for process in service.processes():
        with suppress(psutil.Error):
            if _WORKER in " ".join(process.cmdline()):
                found += [process, *process.children(recursive=True)]
    return found


@contextmanager
def stopped(processes: Sequence[psutil.Process]) -> Iterator[None]:
    """Keep processes from running for as long as the block runs."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


def epochs(client: httpx.Client, path: str) -> int:
    """How many times the training has told of its steps."""
    return len(client.get(path).json()["epochs"])


def start_training(client: httpx.Client, images: Path, first: int) -> str:
    """Post the images, and wait until steps are made; the retrain's path."""
    posted = labelled(images)[:first]
    body = {"list_images_base64": [image for image, _ in posted], "list_label": [label for _, label in posted]}
    path = str(client.post("/captcha_retrain_model", json=body).raise_for_status().headers["Location"])
    deadline_s = time.monotonic() + _START_S
    while not epochs(client, path):
        if time.monotonic() > deadline_s:
            raise SystemExit("the training has not begun")
        time.sleep(0.5)
    return path


def row(training: str, turns: Sequence[Measured]) -> Row:
    """Sum turns up."""
    return Row(
        training=training,
        turns=len(turns),
        requests_per_s=round(statistics.median(turn.requests_per_s for turn in turns), 1),
        p50_ms=round(statistics.median(turn.p50_ms for turn in turns), 1),
        p99_ms=round(statistics.median(turn.p99_ms for turn in turns), 1),
        errors=sum(sum(turn.errors.values()) for turn in turns),
    )


def take_turns(service: OwnService, a: argparse.Namespace) -> list[Row]:
    """Read without a job, with one that trains and one that is stopped in turn, and without a job again."""
    bodies = bodies_of(REPOSITORY / "docs" / "images")

    def turn() -> Measured:
        return asyncio.run(measure(service.url, bodies, a.connections, a.seconds))

    turn()  # the first one warms everything up, and does not count
    without, quiet, training = [turn(), turn()], [], []
    with httpx.Client(base_url=service.url, timeout=60) as client:
        path = start_training(client, a.images, a.first)
        before = epochs(client, path)
        for _ in range(a.turns):
            training.append(turn())
            with stopped(workers(service)):
                quiet.append(turn())
        if not workers(service) or epochs(client, path) <= before:
            raise SystemExit("the training did not last: raise --train-s")
        client.delete(path).raise_for_status()
        while workers(service):
            time.sleep(0.5)
    without += [turn(), turn()]
    return [row("none", without), row("stopped", quiet), row("running", training)]


def main() -> None:
    """Measure, print, and say whether it is little enough."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--first", type=int, default=400)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--train-s", type=float, default=600)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="glyphserve-felt-") as name:
        folder = Path(name)
        config = write_config(folder, replicas=a.replicas)
        environment = {"GLYPHSERVE_TRAINING__TRAIN_S": str(a.train_s)}
        with own_service(folder / "data", config=config, environment=environment) as service:
            rows = take_turns(service, a)
    print("| training | turns | requests/s | p50 ms | p99 ms | errors |\n|---|---|---|---|---|---|")
    for each in rows:
        print("| " + " | ".join(str(value) for value in asdict(each).values()) + " |")
    _, quiet, training = rows
    throughput = training.requests_per_s / quiet.requests_per_s
    p99 = training.p99_ms / quiet.p99_ms
    print(json.dumps({"throughput_left": round(throughput, 3), "p99_times": round(p99, 2)}))
    sys.exit(0 if throughput >= LEAST_THROUGHPUT and p99 <= MOST_P99 else 1)


if __name__ == "__main__":
    main()
