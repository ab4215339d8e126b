"""Everything that may go wrong while a model changes, done on purpose under load: a table of outcomes.

    python -m benchmarks.rollout_faults                       with one replica and with four
    python -m benchmarks.rollout_faults --replicas 4 --rate 15 --only "killed|broken"

For each number of replicas a service of its own is started, and read at --rate requests a second, open-loop, no
request tried again. After each fault the service must be as the table says; no request may fail, and no answer come
from a version that nobody activated. Prints a Markdown table, writes JSON, and exits with 1 if anything was otherwise.
"""

import argparse
import json
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from benchmarks.load import bodies_of
from benchmarks.own_service import REPOSITORY, own_service
from benchmarks.rollout_cases import CASES, GROWING, Case
from benchmarks.rollout_stage import Stage, WrongError
from benchmarks.traffic import Sample, Traffic
from benchmarks.versions import add_version, library_of

# Little training, little judging: what is shown here is what becomes of a job, not what it learns.
_ARGUMENTS = {
    "rollout": {"prepare_timeout_s": 5, "follow_every_s": 0.5},
    "training": {"golden_images": 50, "poll_s": 0.2},
}


@dataclass(frozen=True)
class Row:
    """What came of one fault.

    Attributes:
        fault: its name.
        replicas: how many read.
        outcome: what the service did, or what it did wrong.
        requests: sent meanwhile.
        failed: how many of these failed, by HTTP code or what went wrong.
        strangers: versions that answered and that nobody activated.
        slowest_s: longest time that one request took.
        seconds: from the fault to the end.
        good: whether all was as it should be.
    """

    fault: str
    replicas: int
    outcome: str
    requests: int
    failed: dict[str, int]
    strangers: int
    slowest_s: float
    seconds: float
    good: bool


def write_config(folder: Path, *, replicas: int, growing: bool) -> Path:
    """cluster.yaml with so many recognizers; growing: with one more as soon as there is anything to read."""
    config: dict[str, Any] = yaml.safe_load((REPOSITORY / "cluster.yaml").read_text(encoding="utf-8"))
    application = config["applications"][0]
    application["args"] |= _ARGUMENTS
    for deployment in application["deployments"]:
        # Whatever this machine has: a replica that waits needs no core of its own.
        deployment["ray_actor_options"]["num_cpus"] = min(0.1, deployment["ray_actor_options"]["num_cpus"])
        if deployment["name"] == "Recognizer":
            deployment["autoscaling_config"] |= {
                "min_replicas": replicas,
                "initial_replicas": replicas,
                "max_replicas": replicas + growing,
                "target_ongoing_requests": 0.01 if growing else 100,
            }
    path = folder / "cluster.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


@contextmanager
def stage_of(*, replicas: int, growing: bool = False) -> Iterator[Stage]:
    """A running service with a second good version, for as long as the block runs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="glyphserve-faults-")))
        config = write_config(folder, replicas=replicas, growing=growing)
        service = stack.enter_context(own_service(folder / "data", config=config, environment={}))
        library = stack.enter_context(library_of(folder / "data"))
        stage = Stage(service, library, replicas, base=library.pointer().version, other=add_version(library, "other"))
        stage.wait_for(lambda: len(stage.replicas()) >= replicas, "all replicas to be there")
        yield stage


def run(stage: Stage, case: Case, *, rate: float, bodies: Sequence[bytes]) -> Row:
    """Bring one fault about under load, and look at what became of it."""
    stage.settle()
    began_s = time.monotonic()
    good = True
    with Traffic(stage.service.url, rate, bodies) as traffic:
        try:
            outcome = case.play(stage)
        except Exception as e:  # noqa: BLE001 - whatever it is, it is this row's outcome
            good, outcome = False, f"**wrong**: {e}" if isinstance(e, WrongError) else f"**wrong**: {e!r}"
            traceback.print_exc()
    return row_of(case, stage, traffic.samples, outcome=outcome, seconds=time.monotonic() - began_s, good=good)


def row_of(case: Case, stage: Stage, samples: Sequence[Sample], *, outcome: str, seconds: float, good: bool) -> Row:
    """Count what became of the requests."""
    failed = Counter(sample.outcome for sample in samples if sample.outcome != "200")
    strangers = {sample.version for sample in samples if sample.version} - stage.activated
    return Row(
        fault=case.name,
        replicas=stage.count,
        outcome=outcome,
        requests=len(samples),
        failed=dict(failed),
        strangers=len(strangers),
        slowest_s=round(max((sample.took_s for sample in samples), default=0.0), 2),
        seconds=round(seconds, 1),
        good=good and not failed and not strangers,
    )


def print_row(row: Row) -> None:
    """One line of the table."""
    failed = ", ".join(f"{count} x {outcome}" for outcome, count in row.failed.items()) or "0"
    cells = list((asdict(row) | {"failed": failed}).values())[:-1]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def main() -> None:
    """Bring about every fault with every number of replicas."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--rate", type=float, default=10, help="requests a second")
    parser.add_argument("--only", type=re.compile, default=re.compile(""), help="regular expression of names")
    parser.add_argument("--out", type=Path, default=Path("runs/rollout-faults.json"))
    a = parser.parse_args()
    bodies = bodies_of(REPOSITORY / "docs" / "images")
    rows: list[Row] = []
    print("| fault | N | outcome | requests | failed | unknown versions | slowest s | seconds |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for replicas in a.replicas:
        for growing, cases in ((False, CASES), (True, GROWING)):
            wanted = [case for case in cases if a.only.search(case.name)]
            if not wanted:
                continue
            with stage_of(replicas=replicas, growing=growing) as stage:
                for case in wanted:
                    rows.append(run(stage, case, rate=a.rate, bodies=bodies))
                    print_row(rows[-1])
    a.out.parent.mkdir(parents=True, exist_ok=True)
    told = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "rate": a.rate, "rows": [asdict(r) for r in rows]}
    a.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if all(row.good for row in rows) else 1)


if __name__ == "__main__":
    main()
