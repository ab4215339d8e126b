"""Ending what is left of a cluster: after a stop, after `kill -9`, after a crash."""

import shutil

import psutil

from deployments.cluster.drain import drain
from deployments.cluster.paths import ClusterPaths, folder_key
from deployments.cluster.processes import end_processes, find_processes
from deployments.cluster.state import ClusterState
from deployments.errors import LifecycleError

DRAIN_S = 5.0
GRACE_S = 1.0
_KEPT_SESSIONS = 2


def cluster_processes(paths: ClusterPaths, state: ClusterState | None) -> list[psutil.Process]:
    """Every process of the cluster of this data folder, whichever run it is of."""
    session = None
    if state is not None and state.session_id is not None and state.session_leader_started_s is not None:
        session = (state.session_id, state.session_leader_started_s)
    return find_processes(marker_prefix=f"{folder_key(paths.data_dir)}-", session=session)


def clean_up(paths: ClusterPaths, *, drain_s: float) -> int:
    """Leave no process, socket or state of this data folder's cluster; how many processes ended.

    The caller must hold the lock.

    Raises:
        LifecycleError: a process could not be ended.
    """
    state = ClusterState.load(paths.state)
    found = len(cluster_processes(paths, state))
    if found:
        drain(paths.temp_dir, limit_s=drain_s)
        try:
            end_processes(lambda: cluster_processes(paths, state), grace_s=GRACE_S)
        except TimeoutError as e:
            raise LifecycleError(f"could not end these processes: {e}; end them by hand") from e
    paths.state.unlink(missing_ok=True)
    paths.scrape_targets.unlink(missing_ok=True)
    _drop_leftovers(paths)
    return found


def _drop_leftovers(paths: ClusterPaths) -> None:
    """Remove sockets and HAProxy's files, and all but the last sessions' logs."""
    if not paths.temp_dir.is_dir():
        return
    sessions = sorted(p for p in paths.temp_dir.glob("session_*") if p.is_dir() and not p.is_symlink())
    for old in sessions[:-_KEPT_SESSIONS]:
        shutil.rmtree(old, ignore_errors=True)
    for session in sessions:
        shutil.rmtree(session / "sockets", ignore_errors=True)
    for proxy in paths.temp_dir.glob("*/haproxy.cfg"):
        shutil.rmtree(proxy.parent, ignore_errors=True)
