"""What may go wrong while a model changes, and what must come of it; played by `benchmarks.rollout_faults`."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from benchmarks.rollout_stage import Stage, check, drivers
from benchmarks.versions import FAULTS, add_version

_ROLLBACK_S = 2.0
_SETTLING, _SWAPS, _COMPARED = 10, 50, 10
_MOST_GROWTH = 0.05
_MIDWAY_S = 0.1
"""After the order: replicas are loading the version by then."""


class Case(NamedTuple):
    """A fault by name, and how it is brought about; says what came of it, or raises WrongError."""

    name: str
    play: Callable[[Stage], str]


def forward_and_back(stage: Stage) -> str:
    """Four times to the other version."""
    took_s = []
    for _ in range(4):
        version = stage.next_version()
        began_s = time.monotonic()
        report = stage.activated_by(version)
        took_s.append(time.monotonic() - began_s)
        check(report["replicas"] == stage.count, f"{report['replicas']} replicas serve it")
        check(stage.served() == {version}, "another version answers")
    check(took_s[-1] <= _ROLLBACK_S, f"the way back took {took_s[-1]:.1f} s")
    return f"{stage.count} of {stage.count} serve it, in {max(took_s):.1f} s at most"


def broken(stage: Stage, fault: str) -> str:
    """A version that cannot be read with."""
    before = stage.library.pointer()
    version = add_version(stage.library, f"broken-{fault.replace(' ', '-')}", fault=fault)
    answer = stage.activate(version)
    check(answer.status_code == 400, f"it was answered {answer.status_code}")
    check(stage.library.pointer() == before, "the pointer moved")
    check(stage.served() == {before.version}, "another version answers")
    return "refused; the former serves on"


def two_at_once(stage: Stage) -> str:
    """Both versions asked for at the same time."""
    before = stage.library.pointer().generation
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(stage.activate, (stage.other, stage.base)))
    check([answer.status_code for answer in answers] == [200, 200], "one was refused")
    generations = sorted(answer.json()["generation"] for answer in answers)
    check(generations == [before + 1, before + 2], f"generations {generations} after {before}")
    check(stage.served() == {stage.library.pointer().version}, "another version answers")
    return "one after the other; the last serves"


def killed_while_it_loads(stage: Stage, role: str) -> str:
    """A process killed while the replicas load a version."""
    return _killed(stage, role, lambda: time.sleep(_MIDWAY_S))


def killed_once_the_pointer_moved(stage: Stage, role: str) -> str:
    """A process killed at the moment from which the new version counts."""
    before = stage.library.pointer().generation
    moved = partial(lambda: stage.library.pointer().generation > before)
    return _killed(stage, role, lambda: stage.wait_for(moved, "the pointer to move"))


def _killed(stage: Stage, role: str, wait: Callable[[], None]) -> str:
    before = stage.library.pointer()
    version = stage.next_version()
    with ThreadPoolExecutor(1) as pool:
        rollout = pool.submit(stage.activate, version)
        wait()
        victim = stage.kill(role)
        status = rollout.result().status_code
    stage.wait_for(lambda: not victim.is_running() and bool(stage.replicas(role)), "its successor")
    stage.settle()
    pointer = stage.library.pointer()
    check(status == 200 or pointer in {before, stage.library.pointer()}, "it is neither here nor there")
    if status == 200:
        check(pointer.version == version, "it was answered 200 and does not serve")
    # Whatever was answered, the next order is carried out.
    stage.activated_by(stage.next_version())
    done = "the new one serves everywhere" if pointer.version == version else "the former serves on"
    return f"answered {status}; {done}"


def scaled_up(stage: Stage) -> str:
    """A replica more, while one version after the other is rolled out."""
    turns = 0

    def there() -> bool:
        nonlocal turns
        turns += 1
        stage.activated_by(stage.next_version())
        return len(stage.replicas()) > stage.count

    stage.wait_for(there, "one replica more")
    stage.activated_by(stage.next_version())
    stage.wait_for(lambda: stage.served() == {stage.library.pointer().version}, "all to serve the same")
    return f"{len(stage.replicas())} replicas serve the last of {turns + 1} versions"


def retrainer_killed_in_training(stage: Stage) -> str:
    """The owner of the queue killed while a job trains."""
    before = stage.library.pointer()
    path = stage.order()
    stage.wait_for(lambda: bool(drivers(path)), "the training")
    stage.kill("replica: Retrainer")
    job = stage.ended(path)
    check(job["state"] == "rejected" and "debug" in job["reason"], f"{job['state']}: {job['reason']}")
    check(stage.library.pointer() == before, "the pointer moved")
    return "the job goes on to its verdict"


def training_killed(stage: Stage) -> str:
    """The job's own process killed, as on a machine short of memory."""
    before = stage.library.pointer()
    path = stage.order()
    stage.wait_for(lambda: bool(drivers(path)), "the training")
    for process in drivers(path):
        process.kill()
    job = stage.ended(path)
    check(job["state"] == "failed" and "killed" in job["reason"], f"{job['state']}: {job['reason']}")
    check(stage.library.pointer() == before, "the pointer moved")
    return "failed, with that reason; the former serves on"


def fifty_swaps(stage: Stage) -> str:
    """Memory of the largest replica over fifty swaps, the first ten aside."""
    sizes = []
    for _ in range(_SETTLING + _SWAPS):
        stage.activated_by(stage.next_version())
        sizes.append(max(process.memory_info().rss for process in stage.replicas()))
    settled = sizes[_SETTLING:]
    growth = max(settled[-_COMPARED:]) / max(settled[:_COMPARED]) - 1
    check(growth <= _MOST_GROWTH, f"grown by {100 * growth:.1f} %: {[size >> 20 for size in sizes]} MiB")
    return (
        f"{max(settled[:_COMPARED]) >> 20} MiB then, {max(settled[-_COMPARED:]) >> 20} MiB now ({100 * growth:+.1f} %)"
    )


CASES = (
    Case("forward and back", forward_and_back),
    *(Case(f"broken: {fault}", partial(broken, fault=fault)) for fault in FAULTS),
    Case("two activations at once", two_at_once),
    Case("replica killed while it loads", partial(killed_while_it_loads, role="replica: Recognizer")),
    Case("replica killed as the pointer moves", partial(killed_once_the_pointer_moved, role="replica: Recognizer")),
    Case("controller killed in a rollout", partial(killed_while_it_loads, role="Serve controller")),
    Case("retrainer killed in a rollout", partial(killed_while_it_loads, role="replica: Retrainer")),
    Case("retrainer killed as the pointer moves", partial(killed_once_the_pointer_moved, role="replica: Retrainer")),
    Case("retrainer killed in a training", retrainer_killed_in_training),
    Case("training killed", training_killed),
    Case("fifty swaps", fifty_swaps),
)

GROWING = (Case("a replica more in a rollout", scaled_up),)
"""With a deployment that wants more replicas as soon as it reads."""
