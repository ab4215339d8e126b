"""Bringing a cluster up: node and deployer side by side, then waiting until the service answers."""

import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from deployments.cluster.deployer import Outcome
from deployments.cluster.environment import TUNING, node_environment, run_variables
from deployments.cluster.local_config import LocalConfig
from deployments.cluster.node import NodeStart, last_line, start_command, write_proxy_program
from deployments.cluster.paths import ClusterPaths, folder_key
from deployments.cluster.ports import LOOPBACK, choose_ports
from deployments.cluster.readiness import READY_TIMEOUT_S, probe
from deployments.cluster.scrape_targets import write_scrape_targets
from deployments.cluster.state import ClusterState, new_token
from deployments.errors import LifecycleError

_POLL_S = 0.05


def start_cluster(config: LocalConfig, paths: ClusterPaths, *, stop: threading.Event) -> ClusterState:
    """Start node and service; returns when the service is ready, or soon after ``stop`` is set.

    Raises:
        ConfigError: the config is wrong.
        LifecycleError: the node or the service does not start.
    """
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
    room = config.settings.limits.requests_at_once
    write_proxy_program(paths.proxy_program, listen_host=state.host, requests_at_once=room)
    variables = run_variables(run_id=state.run_id, ports=state.ports, paths=paths)
    environment = node_environment(os.environ, (*TUNING, *variables))
    command = start_command(ports=state.ports, paths=paths, cpus=config.cpus)
    node = NodeStart(command, environment=environment, paths=paths)
    state = state.model_copy(update={"session_id": node.session_id, "session_leader_started_s": node.opened_s})
    state.save(paths.state)
    with _deployer(config, state, paths, environment) as deployer:
        while not node.usable() and not stop.wait(_POLL_S):
            _check(deployer, paths)
        _tell_node_is_up(deployer)
        _wait_ready(node, deployer, paths, url=state.url, stop=stop)
    if not stop.is_set():
        state = state.model_copy(update={"ready": True})
        state.save(paths.state)
        write_scrape_targets(paths, state)
    return state


@contextmanager
def _deployer(
    config: LocalConfig, state: ClusterState, paths: ClusterPaths, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """The deployer process; it is ended with the block, its work done or not."""
    with paths.deploy_log.open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "deployments.cluster.deployer", str(config.path), f"{LOOPBACK}:{state.ports.gcs}"],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _tell_node_is_up(deployer: subprocess.Popen[str]) -> None:
    if deployer.stdin is None:
        raise AssertionError("started with a pipe")
    try:
        deployer.stdin.write("up\n")
        deployer.stdin.flush()
    except BrokenPipeError:
        return  # it has ended, and the next check says why


def _check(deployer: subprocess.Popen[str], paths: ClusterPaths) -> None:
    """Raise what ended the deployer, if it has ended."""
    if deployer.poll() is None:
        return
    said = deployer.stdout.read() if deployer.stdout else ""
    if not said.strip():
        raise LifecycleError(f"the deployment broke off: {last_line(paths.deploy_log)} (see {paths.deploy_log})")
    raise Outcome.model_validate_json(said.splitlines()[-1]).error()


def _wait_ready(
    node: NodeStart, deployer: subprocess.Popen[str], paths: ClusterPaths, *, url: str, stop: threading.Event
) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    with httpx.Client(base_url=url, timeout=5, trust_env=False) as client:
        while not stop.wait(_POLL_S):
            if probe(client) == httpx.codes.OK:
                return
            node.usable()  # raises if it turns out that it is not
            _check(deployer, paths)
            if time.monotonic() > deadline:
                raise LifecycleError(f"the service was not ready within {READY_TIMEOUT_S} s")
