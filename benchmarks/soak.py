"""An hour under constant load with a new model every few minutes: nothing may fail, and nothing may grow.

    make soak                                       60 minutes, a swap every 5
    python -m benchmarks.soak --minutes 10 --rate 10 --swap-minutes 2

A service of its own is started. From --settle-minutes on, every process that lives to the end is
compared with itself: resident memory, open files, threads. Prints a table and JSON; exits with 1 if a
request failed, a process grew by more than 3 %, or files or threads are not flat.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx
import psutil

from benchmarks.load import bodies_of
from benchmarks.own_service import REPOSITORY, OwnService, own_service
from benchmarks.second_version import add_second_version
from benchmarks.traffic import Traffic

MOST_GROWTH = 0.03
MOST_FILES = 4
MOST_THREADS = 2
_LOOK_EVERY_S = 5.0
_WINDOW = 6
"""Looks whose median is compared: half a minute, so that one garbage collection decides nothing."""


class Look(NamedTuple):
    """What a process had at a moment."""

    rss_bytes: int
    files: int
    threads: int


@dataclass(frozen=True)
class Row:
    """One process, once settled and at the end."""

    process: str
    pid: int
    mib_before: float
    mib_after: float
    growth_percent: float
    files_before: int
    files_after: int
    threads_before: int
    threads_after: int

    @property
    def flat(self) -> bool:
        """Whether it stayed within the bounds."""
        return (
            self.growth_percent <= 100 * MOST_GROWTH
            and self.files_after - self.files_before <= MOST_FILES
            and self.threads_after - self.threads_before <= MOST_THREADS
        )


class Looks:
    """What every process had, look by look, since the service settled."""

    def __init__(self) -> None:
        self._by_process: defaultdict[tuple[str, int], list[Look]] = defaultdict(list)
        self._count = 0

    def take(self, service: OwnService) -> None:
        """Look at every process."""
        self._count += 1
        for role, processes in service.processes_by_role().items():
            for process in processes:
                try:
                    with process.oneshot():
                        look = Look(process.memory_info().rss, process.num_fds(), process.num_threads())
                except psutil.Error:
                    continue
                self._by_process[role, process.pid].append(look)

    def rows(self) -> list[Row]:
        """Processes that lived through all of it, begin against end."""
        lived = {key: looks for key, looks in self._by_process.items() if len(looks) == self._count}
        return [_row(role, pid, looks) for (role, pid), looks in sorted(lived.items())]


def _row(role: str, pid: int, looks: list[Look]) -> Row:
    before = [median(values) for values in zip(*looks[:_WINDOW], strict=True)]
    after = [median(values) for values in zip(*looks[-_WINDOW:], strict=True)]
    return Row(
        process=role,
        pid=pid,
        mib_before=round(before[0] / 2**20, 1),
        mib_after=round(after[0] / 2**20, 1),
        growth_percent=round(100 * (after[0] / before[0] - 1), 1),
        files_before=round(before[1]),
        files_after=round(after[1]),
        threads_before=round(before[2]),
        threads_after=round(after[2]),
    )


def soak(
    service: OwnService, data_dir: Path, *, seconds: float, settle_s: float, swap_s: float
) -> tuple[list[Row], int]:
    """Swap models and look at the processes for so long; the rows, and how often the model was swapped."""
    versions = add_second_version(data_dir)
    looks, swaps, began_s = Looks(), 0, time.monotonic()
    with httpx.Client(base_url=service.url, timeout=60) as client:
        while (elapsed_s := time.monotonic() - began_s) < seconds:
            if elapsed_s >= (swaps + 1) * swap_s:
                swaps += 1
                client.post(f"/v1/models/{versions[swaps % 2]}/activate").raise_for_status()
            if elapsed_s >= settle_s:
                looks.take(service)
            time.sleep(_LOOK_EVERY_S)
    return looks.rows(), swaps


def main() -> None:
    """Soak, print what came of it, exit with 1 if anything failed or grew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--settle-minutes", type=float, default=10)
    parser.add_argument("--swap-minutes", type=float, default=5)
    parser.add_argument("--rate", type=float, default=50, help="requests a second: 70 %% of the capacity")
    a = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="glyphserve-soak-") as name:
        data_dir = Path(name)
        with (
            own_service(data_dir, environment={"GLYPHSERVE_TRAINING__ENABLED": "false"}) as service,
            Traffic(service.url, a.rate, bodies_of(REPOSITORY / "docs" / "images")) as traffic,
        ):
            rows, swaps = soak(
                service, data_dir, seconds=a.minutes * 60, settle_s=a.settle_minutes * 60, swap_s=a.swap_minutes * 60
            )
            logs = [file.stat().st_size for file in (service.paths.temp_dir / "session_latest" / "logs").rglob("*.*")]
    print("| " + " | ".join(Row.__annotations__) + " |\n" + "|---" * len(Row.__annotations__) + "|")
    for row in rows:
        print("| " + " | ".join(str(value) for value in asdict(row).values()) + " |")
    failed = sum(count for outcome, count in traffic.outcomes.items() if outcome != "200")
    told = {"minutes": a.minutes, "rate": a.rate, "swaps": swaps, "requests": len(traffic.samples), "failed": failed}
    told |= {"largest_log_mb": round(max(logs) / 1e6, 2), "grew": [row.process for row in rows if not row.flat]}
    print(json.dumps(told, indent=1))
    sys.exit(1 if failed or told["grew"] else 0)


if __name__ == "__main__":
    main()
