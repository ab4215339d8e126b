"""An hour under constant load with a new model every few minutes: nothing may fail, and nothing may grow.

    make soak                                       60 minutes, a swap every 5
    python -m benchmarks.soak --minutes 10 --rate 10 --swap-minutes 2

A service of its own is started. From --settle-minutes on, every process that lives to the end is
compared with itself: resident memory (at the begin, halfway and at the end, which shows whether it
levels off, and how far it was ever above the begin), open files, threads; each is a median from one swap to the
next, since a recognizer is smallest right after one. Prints a table and JSON, writes every process's course to
--out; exits with 1 if a request or a swap failed, a process grew by more than 3 %, or files or threads are not flat.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
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
_COURSE_LOOKS = 6
"""Looks of which the course tells the median: half a minute."""


class Look(NamedTuple):
    """What a process had at a moment."""

    rss_bytes: int
    files: int
    threads: int


@dataclass(frozen=True)
class Row:
    """One process, once settled and at the end; its growth is the most that it ever was above the begin."""

    process: str
    pid: int
    mib_before: float
    mib_halfway: float
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
    """What every process had, look by look, since the service settled.

    Args:
        window: looks whose median is compared with others'.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._by_process: defaultdict[tuple[str, int], list[Look]] = defaultdict(list)
        self._count = 0

    def take(self, service: OwnService) -> None:
        """Look at every process."""
        found = {}
        for role, processes in service.processes_by_role().items():
            for process in processes:
                try:
                    with process.oneshot():
                        look = Look(process.memory_info().rss, process.num_fds(), process.num_threads())
                except psutil.Error:
                    continue
                found[role, process.pid] = look
        self.note(found)

    def note(self, found: Mapping[tuple[str, int], Look]) -> None:
        """Keep what every process had, by role and pid, at one moment."""
        self._count += 1
        for key, look in found.items():
            self._by_process[key].append(look)

    def rows(self) -> list[Row]:
        """Processes that lived through all of it, begin against end."""
        lived = {key: looks for key, looks in self._by_process.items() if len(looks) == self._count}
        return [_row(role, pid, looks, self._window) for (role, pid), looks in sorted(lived.items())]

    def course(self) -> dict[str, list[float]]:
        """Each process's resident memory in MiB, every half minute, also of those that ended meanwhile."""
        return {
            f"{role} {pid}": [round(size, 2) for size in _medians(_rss(looks), _COURSE_LOOKS)]
            for (role, pid), looks in sorted(self._by_process.items())
        }


def _rss(looks: list[Look]) -> list[float]:
    return [look.rss_bytes / 2**20 for look in looks]


def _medians(values: list[float], window: int) -> list[float]:
    return [median(values[first : first + window]) for first in range(0, len(values), window)]


def _row(role: str, pid: int, looks: list[Look], window: int) -> Row:
    before = [median(values) for values in zip(*looks[:window], strict=True)]
    after = [median(values) for values in zip(*looks[-window:], strict=True)]
    sizes_mib = _medians(_rss(looks), window)
    return Row(
        process=role,
        pid=pid,
        mib_before=round(sizes_mib[0], 1),
        mib_halfway=round(median(_rss(looks[len(looks) // 2 :][:window])), 1),
        mib_after=round(after[0] / 2**20, 1),
        growth_percent=round(100 * (max(sizes_mib) / sizes_mib[0] - 1), 1),
        files_before=round(before[1]),
        files_after=round(after[1]),
        threads_before=round(before[2]),
        threads_after=round(after[2]),
    )


@dataclass
class Soaked:
    """What an hour came to.

    Attributes:
        looks: at every process, once it had settled.
        swaps: how often a new model was made to serve.
        failed_swaps: how often that did not work.
    """

    looks: Looks
    swaps: int = 0
    failed_swaps: int = 0


def soak(service: OwnService, data_dir: Path, *, seconds: float, settle_s: float, swap_s: float) -> Soaked:
    """Swap models and look at the processes for so long."""
    versions = add_second_version(data_dir)
    found, began_s = Soaked(Looks(max(1, round(swap_s / _LOOK_EVERY_S)))), time.monotonic()
    with httpx.Client(base_url=service.url, timeout=60) as client:
        while (elapsed_s := time.monotonic() - began_s) < seconds:
            if elapsed_s >= (found.swaps + found.failed_swaps + 1) * swap_s:
                if _swap(client, versions[(found.swaps + 1) % 2]):
                    found.swaps += 1
                else:
                    found.failed_swaps += 1
            if elapsed_s >= settle_s:
                found.looks.take(service)
            time.sleep(_LOOK_EVERY_S)
    return found


def _swap(client: httpx.Client, version: str) -> bool:
    try:
        return client.post(f"/v1/models/{version}/activate").is_success
    except httpx.TransportError:
        return False


def main() -> None:
    """Soak, print what came of it, exit with 1 if anything failed or grew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--settle-minutes", type=float, default=10)
    parser.add_argument("--swap-minutes", type=float, default=5)
    parser.add_argument("--rate", type=float, default=210, help="requests a second; 300 are what two cores read")
    parser.add_argument("--out", type=Path, default=Path("runs/soak.json"))
    a = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="glyphserve-soak-") as name:
        data_dir = Path(name)
        with (
            own_service(data_dir, environment={"GLYPHSERVE_TRAINING__ENABLED": "false"}) as service,
            Traffic(service.url, a.rate, bodies_of(REPOSITORY / "docs" / "images")) as traffic,
        ):
            soaked = soak(
                service, data_dir, seconds=a.minutes * 60, settle_s=a.settle_minutes * 60, swap_s=a.swap_minutes * 60
            )
            logs = [file.stat().st_size for file in (service.paths.temp_dir / "session_latest" / "logs").rglob("*.*")]
    rows = soaked.looks.rows()
    print("| " + " | ".join(Row.__annotations__) + " |\n" + "|---" * len(Row.__annotations__) + "|")
    for row in rows:
        print("| " + " | ".join(str(value) for value in asdict(row).values()) + " |")
    failed = sum(count for outcome, count in traffic.outcomes.items() if outcome != "200")
    told = {"minutes": a.minutes, "rate": a.rate, "swaps": soaked.swaps, "failed_swaps": soaked.failed_swaps}
    told |= {"requests": len(traffic.samples), "failed": failed, "largest_log_mb": round(max(logs) / 1e6, 2)}
    told |= {"grew": [row.process for row in rows if not row.flat]}
    print(json.dumps(told, indent=1))
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_text(json.dumps(told | {"mib": soaked.looks.course()}, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if failed or soaked.failed_swaps or told["grew"] else 0)


if __name__ == "__main__":
    main()
