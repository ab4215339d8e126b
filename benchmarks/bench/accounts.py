"""``python -m benchmarks.bench.accounts``: where the cores' time goes while a contender is loaded.

CPU time of every process of the machine, by what it is for, and how long the cores were idle, over one closed
loop. Prints milliseconds of a core a request.
"""

import os
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.bench.clients import apart, closed_loop
from benchmarks.bench.contenders import OURS, RIVALS, TWIN, running
from benchmarks.bench.reading import WARM_UP_S
from benchmarks.load import bodies_of
from benchmarks.own_service import REPOSITORY, own_service
from deployments.cluster.report import role_of

_SETTLE_S = 2.0
"""From the client's start: its imports and its warm-up are not what is asked for."""

_OTHERS = "others on this machine"

console = Console(highlight=False)


def main(
    connections: Annotated[int, typer.Option(min=1, help="Connections of the client.")] = 32,
    seconds: Annotated[float, typer.Option(min=2, max=120, help="Of the load.")] = 8.0,
    contender: Annotated[str, typer.Option(help="glyphserve or twin.")] = OURS,
) -> None:
    """Load a contender and account for the cores' time."""
    bodies = bodies_of(REPOSITORY / "docs" / "images")
    with tempfile.TemporaryDirectory(prefix="glyphserve-bench-") as folder, _serving(contender, Path(folder)) as served:
        url, own = served
        apart(closed_loop, url, bodies, connections=max(16, connections), seconds=WARM_UP_S)
        account = Account(own)
        watcher = threading.Thread(target=account.watch, args=(seconds - 1,))
        watcher.start()
        measured = apart(closed_loop, url, bodies, connections=connections, seconds=seconds + 1)
        watcher.join()
    requests = measured.per_s * account.passed_s
    console.print(f"{measured.per_s:.0f} requests/s, p50 / p99 {measured.p50_ms:.1f} / {measured.p99_ms:.1f} ms")
    table = Table("", "ms a request", "of a core")
    for name, spent_s in account.rows():
        table.add_row(name, f"{1000 * spent_s / requests:.2f}", f"{spent_s / account.passed_s:.2f}")
    console.print(table)


@contextmanager
def _serving(contender: str, folder: Path) -> Iterator[tuple[str, Callable[[], set[int]]]]:
    """A contender's URL, and how to learn its processes."""
    if contender == OURS:
        with own_service(folder, environment={}) as service:
            yield service.url, lambda: {process.pid for process in service.processes()}
    else:
        with running(RIVALS[TWIN], folder) as url:
            yield url, set


class Account:
    """CPU seconds by role, and of the machine.

    Args:
        own: the process ids of the service; what else descends from this process is the client or the twin.
    """

    def __init__(self, own: Callable[[], set[int]]) -> None:
        self._own = own
        self.passed_s = 0.0
        self._roles: defaultdict[str, float] = defaultdict(float)
        self._kinds: dict[str, float] = {}

    def watch(self, seconds: float) -> None:
        """Wait for the load to settle, then account for so long."""
        time.sleep(_SETTLE_S)
        began_s, machine, before = time.monotonic(), psutil.cpu_times(), _cpu_s()
        time.sleep(seconds)
        self.passed_s = time.monotonic() - began_s
        now, after = psutil.cpu_times(), _cpu_s()
        self._kinds = {f"machine: {kind}": getattr(now, kind) - getattr(machine, kind) for kind in now._fields}
        service, below = self._own(), {process.pid for process in psutil.Process().children(recursive=True)}
        for process, spent_s in after.items():
            self._roles[_role(process, service, below)] += spent_s - before.get(process, 0.0)

    def rows(self) -> Iterator[tuple[str, float]]:
        """What took longer than nothing: name and seconds of a core, the processes before the machine."""
        yield from ((name, s) for name, s in sorted(self._roles.items(), key=itemgetter(1), reverse=True) if s > 0)
        yield from ((kind, spent_s) for kind, spent_s in self._kinds.items() if spent_s > 0)


def _cpu_s() -> dict[psutil.Process, float]:
    spent = {}
    for process in psutil.process_iter():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        spent[process] = times.user + times.system
    return spent


def _role(process: psutil.Process, service: set[int], below: set[int]) -> str:
    try:
        if process.pid in service:
            return role_of(process)
        if process.pid == os.getpid():
            return "this"
        if process.pid in below:
            return "client" if process.ppid() == os.getpid() and "twin" not in " ".join(process.cmdline()) else TWIN
        return _OTHERS if process.cmdline() else "kernel"
    except psutil.Error:
        return "ended"


if __name__ == "__main__":
    typer.run(main)
