"""The life of one local cluster, from config to clean end, in one process that watches it."""

import logging
import os
import secrets
import threading
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import psutil

from deployments.cluster.cleanup import DRAIN_S, clean_up
from deployments.cluster.environment import TUNING, node_environment, run_variables
from deployments.cluster.lock import exclusive
from deployments.cluster.node import (
    cpus_for,
    start_command,
    start_node,
    vital_processes,
    wait_started,
    write_proxy_program,
)
from deployments.cluster.paths import ClusterPaths, folder_key
from deployments.cluster.ports import LOOPBACK, choose_ports, holder_of, is_free
from deployments.cluster.readiness import wait_ready
from deployments.cluster.serve_api import ServeApi
from deployments.cluster.state import ClusterState, new_token
from deployments.errors import LifecycleError
from deployments.settings.config_file import APPLICATION, ClusterConfig

logger = logging.getLogger(__name__)

_WATCH_S = 0.5


def run_cluster(config: ClusterConfig, *, stop: threading.Event, on_ready: Callable[[ClusterState], None]) -> None:
    """Start the cluster, report it ready, watch it until ``stop`` is set, and leave nothing behind.

    Raises:
        LifecycleError: it cannot start, or a vital part died; all of it has been ended by then.
    """
    paths = ClusterPaths.of(config.settings.data_dir)
    paths.prepare()
    with exclusive(paths.lock):
        if ended := clean_up(paths, drain_s=0):
            logger.warning("ended %d processes that an earlier run left behind", ended)
        _refuse_taken_port(config.settings.host, config.settings.port)
        try:
            state = _start(config, paths, stop)
            if not stop.is_set():
                on_ready(state)
            _watch(state, stop)
        finally:
            clean_up(paths, drain_s=DRAIN_S)


def _refuse_taken_port(host: str, port: int) -> None:
    try:
        free = is_free(host, port)
    except OSError as e:
        raise LifecycleError(f"cannot listen at {host} port {port}: {e.strerror or e}") from e
    if not free:
        holder = holder_of(port) or "another process"
        raise LifecycleError(f"port {port} is taken by {holder}: stop that, or choose another with --port")


def _start(config: ClusterConfig, paths: ClusterPaths, stop: threading.Event) -> ClusterState:
    state = ClusterState(
        run_id=f"{folder_key(paths.data_dir)}-{secrets.token_hex(4)}",
        supervisor_pid=os.getpid(),
        host=config.settings.host,
        port=config.settings.port,
        ports=choose_ports(),
        token_path=paths.token,
        temp_dir=paths.temp_dir,
    )
    state.save(paths.state)
    new_token(paths.token)
    write_proxy_program(paths.proxy_program, listen_host=state.host)
    variables = run_variables(run_id=state.run_id, ports=state.ports, paths=paths)
    environment = node_environment(os.environ, (*TUNING, *variables))
    command = start_command(ports=state.ports, paths=paths, cpus=cpus_for(config.serve_config))
    starter = start_node(command, environment=environment, log=paths.start_log)
    state = state.model_copy(
        update={
            "session_id": starter.pid,
            "session_leader_started_s": psutil.Process(starter.pid).create_time(),
        }
    )
    state.save(paths.state)
    wait_started(starter, log=paths.start_log, stop=stop)
    with ServeApi(state.dashboard_url, token_path=paths.token) as api:
        if not stop.is_set():
            api.deploy(_behind_proxy(config, environment))
        wait_ready(api, url=state.url, application=APPLICATION, stop=stop)
    if not stop.is_set():
        state = state.model_copy(update={"ready": True})
        state.save(paths.state)
    return state


def _behind_proxy(config: ClusterConfig, environment: dict[str, str]) -> dict[str, Any]:
    """The config for Serve; behind HAProxy, Serve and so the replicas' own ports stay on loopback."""
    serve_config = deepcopy(config.serve_config)
    if environment["RAY_SERVE_ENABLE_HA_PROXY"] == "1":
        serve_config["http_options"]["host"] = LOOPBACK
    return serve_config


def _watch(state: ClusterState, stop: threading.Event) -> None:
    if stop.is_set() or state.session_id is None:
        return
    vital = vital_processes(state.session_id)
    while not stop.wait(_WATCH_S):
        for name, process in vital.items():
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                raise LifecycleError(f"{name} (process {process.pid}) died, so the cluster was stopped")
