"""The life of one local cluster, from config to clean end, in one process that watches it."""

import logging
import os
import threading
from collections.abc import Callable

import psutil

from deployments.cluster.cleanup import DRAIN_S, clean_up
from deployments.cluster.local_config import LocalConfig
from deployments.cluster.lock import exclusive
from deployments.cluster.node import haproxy_program, vital_processes
from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import holder_of, is_free
from deployments.cluster.processes import MARKER
from deployments.cluster.standby_proxy import StandbyProxy
from deployments.cluster.start import start_cluster
from deployments.cluster.state import ClusterState
from deployments.errors import LifecycleError

logger = logging.getLogger(__name__)

_WATCH_S = 0.25


def run_cluster(config: LocalConfig, *, stop: threading.Event, on_ready: Callable[[ClusterState], None]) -> None:
    """Start the cluster, report it ready, watch it until ``stop`` is set, and leave nothing behind.

    Raises:
        ConfigError: the config is wrong.
        LifecycleError: it cannot start, or a vital part died; all of it has been ended by then.
    """
    paths = ClusterPaths.of(config.settings.data_dir)
    paths.prepare()
    with exclusive(paths.lock):
        if ended := clean_up(paths, drain_s=0):
            logger.warning("processes that an earlier run left behind, now ended: %d", ended)
        _refuse_taken_port(config.settings.host, config.settings.port)
        standby = None
        drain_s = 0.0  # before it is ready there is nothing to drain
        try:
            state = start_cluster(config, paths, stop=stop)
            if state.ready:
                drain_s = DRAIN_S
                on_ready(state)
                standby = _standby(paths, state)
                _watch(state, stop, standby)
        finally:
            clean_up(paths, drain_s=drain_s)
            if standby is not None:
                standby.close()


def _refuse_taken_port(host: str, port: int) -> None:
    try:
        free = is_free(host, port)
    except OSError as e:
        raise LifecycleError(f"cannot listen at {host} port {port}: {e.strerror or e}") from e
    if not free:
        holder = holder_of(port) or "another process"
        raise LifecycleError(f"port {port} is taken by {holder}: stop that, or choose another with --port")


def _standby(paths: ClusterPaths, state: ClusterState) -> StandbyProxy:
    environment = {**os.environ, MARKER: state.run_id}
    return StandbyProxy(
        paths, program=haproxy_program(), environment=environment, metrics_port=state.ports.standby_metrics
    )


def _watch(state: ClusterState, stop: threading.Event, standby: StandbyProxy) -> None:
    if state.session_id is None:
        raise LifecycleError("the cluster has no session")
    vital = vital_processes(state.session_id)
    while not stop.wait(_WATCH_S):
        standby.look()
        for name, process in vital.items():
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                raise LifecycleError(f"{name} (process {process.pid}) died, so the cluster was stopped")
