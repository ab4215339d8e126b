"""A fault every few seconds under a constant load: how many requests fail, and how soon all is well again.

    make chaos                                            10 minutes, a fault every 5 s
    python -m benchmarks.chaos --minutes 3 --rate 10      shorter and gentler

Each fault hits a random process of a random kind: killed by SIGKILL, or frozen by SIGSTOP for
--freeze-s seconds. A service of its own is started, with two ingress and two recognizer replicas:
with one of a kind, its death is an outage. One of the recognizers lives on a second Ray node, and a
retrain always goes on. The load is open-loop: requests leave when they are due, and none is tried
again. Prints a table, writes JSON, and exits with 1 if more than 0.1 % of the requests failed, if a
failure had no proper answer, or if it took more than 5 s until all was well.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import yaml

from benchmarks.load import bodies_of
from benchmarks.own_service import REPOSITORY, OwnService, own_service
from benchmarks.retraining import Retraining
from benchmarks.second_node import SecondNode
from benchmarks.traffic import Sample, Traffic
from deployments.cluster.state import ClusterState

SECOND_RAYLET = "second raylet"
KINDS = {
    "recognizer replica": "replica: Recognizer",
    "ingress replica": "replica: Ingress",
    "proxy": "Serve fallback proxy",
    "HAProxy": "haproxy",
    "standby HAProxy": "standby HAProxy",
    "HAProxy manager": "HAProxy manager",
    "controller": "Serve controller",
    "retrainer": "replica: Retrainer",
    "train worker": "train worker",
    "second raylet": SECOND_RAYLET,
}
"""What is hit, and the role by which `glyphserve status` shows it."""

MOST_FAILED = 0.001
LONGEST_RECOVERY_S = 5.0
TRAIN_S = 600
_SETTLE_S = 10.0
_LOOK_AGAIN_S = 0.2
_SECOND_CPUS = 1
_READY_S = 180.0


@dataclass(frozen=True)
class Fault:
    """One process that was hit.

    Attributes:
        at_s: when, on the clock of ``time.time``.
        kind: of process.
        how: killed or frozen.
    """

    at_s: float
    kind: str
    how: str


@dataclass(frozen=True)
class Row:
    """What became of the requests after the faults of one kind, each until the next fault.

    Attributes:
        kind: of process hit.
        how: killed or frozen.
        faults: how many.
        requests: sent after them.
        failed: of these.
        recovery_s: longest time from a fault to the last failed request after it; 0 if none failed.
        slowest_s: longest time that one request took.
    """

    kind: str
    how: str
    faults: int
    requests: int
    failed: int
    recovery_s: float
    slowest_s: float


@dataclass(frozen=True)
class Target:
    """What is broken.

    Attributes:
        service: the head node and all on it.
        second: the node that joined it.
    """

    service: OwnService
    second: SecondNode

    def victims(self, kind: str) -> list[psutil.Process]:
        """The processes of a kind that there are just now, on either node."""
        if KINDS[kind] == SECOND_RAYLET:
            raylet = self.second.raylet()
            return [] if raylet is None else [raylet]
        return [*self.service.processes_by_role().get(KINDS[kind], []), *self.second.replicas(KINDS[kind])]


def write_config(folder: Path) -> Path:
    """cluster.yaml with two of each replica that a request passes, the recognizers on different nodes."""
    config: dict[str, Any] = yaml.safe_load((REPOSITORY / "cluster.yaml").read_text(encoding="utf-8"))
    # Two nodes on one machine would have their proxies on one port.
    config["proxy_location"] = "HeadOnly"
    (application,) = config["applications"]
    application["args"]["training"] = {"train_s": TRAIN_S, "golden_images": 60}
    for deployment in application["deployments"]:
        options = deployment["ray_actor_options"]
        options["num_cpus"] = min(0.25, options["num_cpus"])
        if deployment["name"] == "Recognizer":
            deployment["autoscaling_config"] |= {"min_replicas": 2, "initial_replicas": 2, "max_replicas": 2}
            deployment["max_replicas_per_node"] = 1
        else:
            options["resources"] = {"node:__internal_head__": 0.001}
        if deployment["name"] == "Ingress":
            deployment["num_replicas"] = 2
    path = folder / "cluster.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def hit(target: Target, kind: str, how: str, *, freeze_s: float, chance: random.Random) -> Fault | None:
    """Kill or freeze a process of a kind; None if there is none just now."""
    victims = target.victims(kind)
    if not victims:
        return None
    victim = chance.choice(victims)
    at_s = time.time()
    try:
        if how == "killed":
            victim.kill()
        else:
            victim.send_signal(signal.SIGSTOP)
            try:
                time.sleep(freeze_s)
            finally:
                victim.send_signal(signal.SIGCONT)
    except psutil.NoSuchProcess:
        # Serve had given it up already.
        pass
    if KINDS[kind] == SECOND_RAYLET and how == "killed":
        target.second.start()
    return Fault(at_s, kind, how)


def inflict(target: Target, *, seconds: float, every_s: float, freeze_s: float, chance: random.Random) -> list[Fault]:
    """A fault every so often, every kind as often as every other, in random order."""
    faults: list[Fault] = []
    round_: list[tuple[str, str]] = []
    began_s = time.monotonic()
    while time.monotonic() - began_s < seconds:
        due_s = began_s + (len(faults) + 1) * every_s
        if not round_:
            round_ = [(kind, how) for kind in KINDS for how in ("killed", "frozen")]
            chance.shuffle(round_)
        kind, how = round_.pop()
        fault = hit(target, kind, how, freeze_s=freeze_s, chance=chance)
        if fault is None:
            # It is on its way back: later.
            round_.insert(0, (kind, how))
            time.sleep(_LOOK_AGAIN_S)
        else:
            faults.append(fault)
            time.sleep(max(0.0, due_s - time.monotonic()))
    return faults


def table(faults: list[Fault], samples: list[Sample]) -> list[Row]:
    """What became of the requests, by kind of fault."""
    ends = [fault.at_s for fault in faults[1:]] + [float("inf")]
    windows = [(f, [s for s in samples if f.at_s <= _moment(s) < end]) for f, end in zip(faults, ends, strict=True)]
    rows = []
    for kind, how in sorted({(fault.kind, fault.how) for fault in faults}):
        mine = [(fault, sent) for fault, sent in windows if (fault.kind, fault.how) == (kind, how)]
        lost = [(fault, s) for fault, sent in mine for s in sent if s.outcome != "200"]
        rows.append(
            Row(
                kind=kind,
                how=how,
                faults=len(mine),
                requests=sum(len(sent) for _, sent in mine),
                failed=len(lost),
                recovery_s=round(max((_moment(s) - fault.at_s for fault, s in lost), default=0.0), 2),
                slowest_s=round(max((s.took_s for _, sent in mine for s in sent), default=0.0), 2),
            )
        )
    return rows


def _moment(sample: Sample) -> float:
    """When it is counted: sent, or, if it failed, the moment it did, since a later fault may have cut it off."""
    return sample.sent_s if sample.outcome == "200" else sample.sent_s + sample.took_s


def print_table(rows: list[Row]) -> None:
    """The rows as Markdown."""
    print("| hit | how | faults | requests | failed | recovery s | slowest s |\n|---|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(str(value) for value in asdict(row).values()) + " |")


def report(rows: list[Row], samples: list[Sample], **told: object) -> dict[str, Any]:
    """All of it, and whether it is good enough."""
    outcomes = Counter(sample.outcome for sample in samples)
    requests, failed = len(samples), len(samples) - outcomes["200"]
    improper = sum(not sample.proper for sample in samples)
    recovery_s = max((row.recovery_s for row in rows), default=0.0)
    good = failed <= MOST_FAILED * requests and not improper and recovery_s <= LONGEST_RECOVERY_S
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        **told,
        "requests": requests,
        "failed": failed,
        "failed_percent": round(100 * failed / max(1, requests), 3),
        "without_proper_answer": improper,
        "outcomes": dict(outcomes),
        "longest_recovery_s": recovery_s,
        "good_enough": good,
        "rows": [asdict(row) for row in rows],
        "lost": [sample._asdict() for sample in samples if sample.outcome != "200"],
    }


def chaos(folder: Path, a: argparse.Namespace, chance: random.Random) -> tuple[list[Fault], list[Sample], str]:
    """Break a service in ``folder`` as the arguments say: the faults, the requests, and what became of the retrains."""
    with ExitStack() as running:
        service = running.enter_context(own_service(folder / "data", config=write_config(folder), environment={}))
        state = ClusterState.load(service.paths.state)
        if state is None:
            raise RuntimeError("the service left no state")
        second = running.enter_context(SecondNode(state, cpus=_SECOND_CPUS, log=folder / "second.log"))
        retraining = running.enter_context(Retraining(service.url))
        target = Target(service, second)
        wait_settled(target)
        bodies = bodies_of(REPOSITORY / "docs" / "images")
        traffic = running.enter_context(Traffic(service.url, a.rate, bodies))
        faults: list[Fault] = []
        if a.faultless:
            time.sleep(a.minutes * 60)
        else:
            faults = inflict(target, seconds=a.minutes * 60, every_s=a.every_s, freeze_s=a.freeze_s, chance=chance)
        time.sleep(_SETTLE_S)
    return faults, traffic.samples, f"{retraining.ordered} ordered, ended: {dict(retraining.ended)}"


def wait_settled(target: Target) -> None:
    """Wait until there is a process of every kind, and two recognizers.

    Raises:
        TimeoutError: there is not, within minutes.
    """
    deadline_s = time.monotonic() + _READY_S
    while not all(target.victims(kind) for kind in KINDS) or len(target.victims("recognizer replica")) < 2:
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"missing: {[kind for kind in KINDS if not target.victims(kind)]}")
        time.sleep(1)


def main() -> None:
    """Break things, print what came of it, exit with 1 if it was too much."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=15, help="requests a second")
    parser.add_argument("--every-s", type=float, default=5)
    parser.add_argument("--freeze-s", type=float, default=3)
    parser.add_argument("--faultless", action="store_true", help="break nothing: no request may fail then")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/chaos.json"))
    a = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="glyphserve-chaos-") as name:
        faults, samples, retrains = chaos(Path(name), a, random.Random(a.seed))
    rows = table(faults, samples)
    told = {"rate": a.rate, "minutes": a.minutes, "every_s": a.every_s, "freeze_s": a.freeze_s}
    result = report(
        rows, samples, retrains=retrains, **told, inflicted=len(faults), faults=[asdict(fault) for fault in faults]
    )
    print_table(rows)
    print(json.dumps({key: value for key, value in result.items() if key not in {"rows", "lost", "faults"}}, indent=1))
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if result["good_enough"] else 1)


if __name__ == "__main__":
    main()
