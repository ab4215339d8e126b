"""Stopping a cluster from another process."""

import os
import signal
import time

import psutil

from deployments.cluster.cleanup import DRAIN_S, clean_up, cluster_processes
from deployments.cluster.lock import exclusive, holder
from deployments.cluster.paths import ClusterPaths
from deployments.errors import LifecycleError

SUPERVISOR_STOP_S = 30.0
_POLL_S = 0.05


def stop_cluster(paths: ClusterPaths) -> str:
    """Ask the supervisor to end, wait for it, and end what it left; what was found, in a sentence.

    Raises:
        LifecycleError: the supervisor or a process does not end.
    """
    if not paths.data_dir.is_dir():
        if not cluster_processes(paths, None):
            return "nothing is running"
        paths.prepare()  # somebody removed the folder under a running cluster
    supervisor = holder(paths.lock)
    if supervisor is not None:
        _end_supervisor(supervisor, paths)
    with exclusive(paths.lock):
        ended = clean_up(paths, drain_s=DRAIN_S)
    if supervisor is not None:
        return "stopped"
    return f"nothing was running; processes left behind, now ended: {ended}" if ended else "nothing is running"


def _end_supervisor(pid: int, paths: ClusterPaths) -> None:
    """SIGTERM the holder of the lock. The lock proves that the pid is no other process's by now."""
    try:
        os.kill(pid, signal.SIGTERM)
    except PermissionError as e:
        raise LifecycleError(f"process {pid} belongs to another user") from e
    deadline = time.monotonic() + SUPERVISOR_STOP_S
    while holder(paths.lock) == pid and psutil.pid_exists(pid):
        if time.monotonic() > deadline:
            raise LifecycleError(f"process {pid} does not stop: end it with `kill -9 {pid}`, then run this again")
        time.sleep(_POLL_S)
