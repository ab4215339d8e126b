"""What the machine has to give: cores, memory, open files."""

from collections.abc import Iterator, Mapping
from typing import Any

from deployments.cluster.local_config import cpus_for
from deployments.cluster.node import OBJECT_STORE_BYTES
from deployments.doctor.finding import Finding, advice
from deployments.doctor.machine import SHARED_MEMORY
from deployments.doctor.place import Place

_MIB = 2**20
_MEMORY_BYTES = 2 * 2**30
"""What `glyphserve up` takes with one replica, and room for a retrain beside it."""
_OPEN_FILES = 8192
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def shared_memory(place: Place) -> Iterator[Finding]:
    """Shared memory has room for Ray's object store."""
    free = place.machine.shared_memory_bytes
    if free is not None and free < OBJECT_STORE_BYTES:
        yield advice(
            f"{SHARED_MEMORY} has {free // _MIB} MiB free, Ray's object store takes {OBJECT_STORE_BYTES // _MIB} MiB"
            " and goes to disk instead, slowly",
            f"in a container, start it with --shm-size=1g; elsewhere mount -o remount,size=1g {SHARED_MEMORY}",
        )


def memory(place: Place) -> Iterator[Finding]:
    """Memory is enough for the service and a retrain beside it."""
    if place.machine.memory_bytes < _MEMORY_BYTES:
        yield advice(
            f"{place.machine.memory_bytes // _MIB} MiB of memory are available, service and retrain take"
            f" {_MEMORY_BYTES // _MIB} MiB",
            "end other programs, or set GLYPHSERVE_TRAINING__ENABLED=false",
        )


def open_files(place: Place) -> Iterator[Finding]:
    """Processes may open enough files, of which every connection is one."""
    if place.machine.open_files < _OPEN_FILES:
        yield advice(
            f"a process may open {place.machine.open_files} files; Ray and HAProxy together want {_OPEN_FILES}",
            "raise the hard limit: LimitNOFILE=65536 of a systemd unit, nofile in /etc/security/limits.conf,"
            " or --ulimit nofile=65536 of a container",
        )


def threads(place: Place) -> Iterator[Finding]:
    """Threads do not outnumber the cores."""
    cores = place.machine.cores
    for name in _THREAD_VARIABLES:
        value = place.environment.get(name, "")
        if value.isdecimal() and int(value) > cores:
            yield advice(f"{name} is {value}, there are {cores} cores", f"unset {name}")
    replicas = max((_most_replicas(d) for d in _deployments(place) if d.get("name") == "Recognizer"), default=1)
    each = place.settings.reading.threads_per_replica
    if replicas * each > cores:
        yield advice(
            f"{replicas} recognizer replicas of {each} threads share {cores} cores, and read slower for it",
            f"lower max_replicas or reading.threads_per_replica in {place.config.name}, unless other nodes join",
        )


def room_for_training(place: Place) -> Iterator[Finding]:
    """CPUs are left for a retrain when all replicas run."""
    training = place.settings.training
    if not training.enabled:
        return
    serving = sum(_most_replicas(d) * _cpus(d) for d in _deployments(place))
    workers = training.workers * training.cpus_per_worker
    cpus = max(place.machine.cores, cpus_for(place.applications))
    if serving + workers > cpus:
        yield advice(
            f"replicas reserve up to {serving:g} CPUs and a retrain {workers:g}, the node has {cpus}:"
            " under load, retrains wait",
            "lower max_replicas, num_cpus or training.cpus_per_worker, unless other nodes join",
        )


def _deployments(place: Place) -> list[Mapping[str, Any]]:
    return [d for application in place.applications for d in application.get("deployments") or []]


def _most_replicas(deployment: Mapping[str, Any]) -> int:
    scaling = deployment.get("autoscaling_config") or {}
    found = scaling.get("max_replicas") or deployment.get("num_replicas")
    return found if isinstance(found, int) else 1


def _cpus(deployment: Mapping[str, Any]) -> float:
    return float((deployment.get("ray_actor_options") or {}).get("num_cpus", 1))
