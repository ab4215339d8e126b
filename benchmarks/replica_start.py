"""How long a new replica takes from the start of its process until it reads, and with which version.

    python -m benchmarks.replica_start --times 8

A service of its own, with one recognizer, is asked all the time; a second version is rolled out, and then the only
recognizer is killed again and again. Requests wait for the next one, so the first answer after each kill tells when it
serves. Prints the seconds from the start of the new process, and from the kill, and exits with 1 if the slowest start
took more than 3 s or an answer came from an older version.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml

from benchmarks.load import bodies_of
from benchmarks.own_service import REPOSITORY, OwnService, own_service
from benchmarks.second_version import add_second_version

MOST_S = 3.0
_ROLE = "replica: Recognizer"
_HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Start:
    """One new replica.

    Attributes:
        from_kill_s: from the death of the one before to the first answer.
        from_process_s: from the start of its process to the first answer.
        version: that answered.
    """

    from_kill_s: float
    from_process_s: float
    version: str


def write_config(folder: Path) -> Path:
    """cluster.yaml with one recognizer and no other."""
    config: dict[str, Any] = yaml.safe_load((REPOSITORY / "cluster.yaml").read_text(encoding="utf-8"))
    for deployment in config["applications"][0]["deployments"]:
        if deployment["name"] == "Recognizer":
            deployment["autoscaling_config"] |= {"min_replicas": 1, "initial_replicas": 1, "max_replicas": 1}
    path = folder / "cluster.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def recognizers(service: OwnService) -> list[psutil.Process]:
    """The processes that read."""
    return service.processes_by_role().get(_ROLE, [])


def kill_and_wait(service: OwnService, client: httpx.Client, body: bytes) -> Start:
    """Kill the only recognizer and wait for an answer of the next."""
    (victim,) = recognizers(service)
    victim.kill()
    killed_s = time.time()
    victim.wait(10)
    while True:
        answer = client.post("/captcha_recap_image", content=body, headers=_HEADERS)
        if answer.status_code == 200:
            break
    answered_s = time.time()
    (new,) = recognizers(service)
    return Start(
        from_kill_s=round(answered_s - killed_s, 2),
        from_process_s=round(answered_s - new.create_time(), 2),
        version=answer.headers["X-Model-Version"],
    )


def main() -> None:
    """Kill, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=8)
    a = parser.parse_args()
    body = bodies_of(REPOSITORY / "docs" / "images")[0]
    with tempfile.TemporaryDirectory(prefix="glyphserve-start-") as name:
        folder = Path(name)
        with (
            own_service(folder / "data", config=write_config(folder), environment={}) as service,
            httpx.Client(base_url=service.url, timeout=60) as client,
        ):
            _, version = add_second_version(folder / "data")
            client.post(f"/v1/models/{version}/activate").raise_for_status()
            starts = [kill_and_wait(service, client, body) for _ in range(a.times)]
    for start in starts:
        print(json.dumps(asdict(start)))
    took_s = [start.from_process_s for start in starts]
    old = [start.version for start in starts if start.version != version]
    print(
        json.dumps(
            {"median_s": statistics.median(took_s), "slowest_s": max(took_s), "answers_of_old_versions": len(old)}
        )
    )
    sys.exit(0 if max(took_s) <= MOST_S and not old else 1)


if __name__ == "__main__":
    main()
