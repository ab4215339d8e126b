"""Every environment variable that the node and all its processes are started with, and why."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import REPLICA_PORTS, NodePorts
from deployments.cluster.processes import MARKER

# Its pandas.py says why.
_SHIMS = Path(__file__).with_name("without_pandas")

# Each would point our processes at somebody else's cluster, or give them another token.
REMOVED = ("RAY_ADDRESS", "RAY_API_SERVER_ADDRESS", "RAY_AUTH_TOKEN", "RAY_JOB_CONFIG_JSON_ENV_VAR", "RAY_TMPDIR")


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One environment variable.

    Attributes:
        overridable: whether a value in the caller's own environment wins.
    """

    name: str
    value: str
    reason: str
    overridable: bool = True


TUNING = (
    Variable(
        name="RAY_SERVE_ENABLE_HA_PROXY",
        value="1",
        reason="HAProxy in front of the ingress replicas: eight times the requests of Serve's Python proxy",
    ),
    Variable(
        name="RAY_SERVE_THROUGHPUT_OPTIMIZED",
        value="1",
        reason="user code in the replica's main loop, buffered logs, gRPC between replicas",
    ),
    Variable(
        name="RAY_SERVE_REPLICA_GRPC_MAX_MESSAGE_LENGTH",
        value=str(256 * 1024 * 1024),
        reason="one handle call carries all images of a request; Serve's default is 4 MiB",
    ),
    Variable(
        name="RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S",
        value="1",
        reason="a dead HAProxy is back in 6 s instead of 29 s",
    ),
    Variable(name="RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S", value="2", reason="as above"),
    Variable(
        name="RAY_SERVE_HAPROXY_NBTHREAD",
        value="1",
        reason="one thread relays thousands of requests/s; the default of 4 competes with the readers",
    ),
    Variable(
        name="RAY_SERVE_HAPROXY_RETRY_ON",
        value="conn-failure empty-response",
        reason="what an ingress replica took along when it died is asked of another; the shim keeps that to reading",
    ),
    Variable(
        name="RAY_SERVE_HAPROXY_TUNE_BUFSIZE",
        value=str(32 * 1024),
        reason="only what fits the buffer can be asked again: a request with an image of up to 22 kB",
    ),
    Variable(
        name="RAY_SERVE_HAPROXY_METRICS_ENABLED",
        value="0",
        reason="a log line a request, parsed in Python: the ingress counts requests itself",
    ),
    Variable(
        name="RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S",
        value="5",
        reason="HAProxy on the same machine learns within a second; 30 s is for load balancers afar",
    ),
    Variable(
        name="RAY_SERVE_HAPROXY_HARD_STOP_AFTER_S",
        value="60",
        reason="no request may last longer, so a replaced HAProxy need not linger for 120 s",
    ),
    Variable(
        name="RAY_SERVE_FREEZE_GC_ON_STARTUP",
        value="1",
        reason="fewer collector pauses; a swapped-out model is freed by its reference count all the same",
    ),
    Variable(
        name="MALLOC_ARENA_MAX",
        value="2",
        reason="models are loaded in threads of their own, and each of glibc's many arenas would keep the most that it "
        "ever held: a replica stays at 242 instead of 268 MiB over a hundred swaps",
    ),
    Variable(
        name="RAY_worker_niceness",
        value="0",
        reason="at Ray's 15, a training at 19 would leave those who read beside it two thirds of a core",
    ),
    Variable(
        name="RAY_ROTATION_MAX_BYTES",
        value=str(16 * 1024 * 1024),
        reason="without it Ray never rotates what a worker writes to stderr, and there our logs go",
    ),
    Variable(name="RAY_ROTATION_BACKUP_COUNT", value="4", reason="as above: 80 MiB for a process at most"),
    Variable(name="RAY_USAGE_STATS_ENABLED", value="0", reason="nothing is reported to anybody", overridable=False),
    Variable(
        name="RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER",
        value="0",
        reason="despite its name: Ray's own switch for a node on 127.0.0.1 that no other node joins",
        overridable=False,
    ),
    Variable(
        name="RAY_START_HOOK",
        value="deployments.cluster.start_hook.trim_head_node",
        reason="leaves out parts of a head node that nothing here uses",
        overridable=False,
    ),
    Variable(
        name="RAY_AUTH_MODE",
        value="token",
        reason="other users of this machine can reach its loopback ports, and Ray runs what it is sent",
        overridable=False,
    ),
)


def run_variables(*, run_id: str, ports: NodePorts, paths: ClusterPaths) -> tuple[Variable, ...]:
    """The variables whose values differ from run to run."""
    sockets = str(paths.temp_dir)
    values = {
        MARKER: (run_id, "by it every process of this run is recognised"),
        "GLYPHSERVE_DATA_DIR": (str(paths.data_dir), "replicas have another working directory"),
        "GLYPHSERVE_HAPROXY_PAGES": (json.dumps(ports.haproxy_pages), "what HAProxy refuses, no ingress sees"),
        "RAY_AUTH_TOKEN_PATH": (str(paths.token), "a token of this cluster alone"),
        "DASHBOARD_METRIC_PORT": (str(ports.dashboard_metrics), "44227 may be taken"),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": (str(ports.fallback_proxy), "8500 may be taken"),
        "RAY_SERVE_HAPROXY_STATS_PORT": (str(ports.haproxy_stats), "8404 may be taken"),
        "RAY_SERVE_HAPROXY_METRICS_PORT": (str(ports.haproxy_metrics), "9101 may be taken"),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": (str(ports.first_replica), "a block seen free"),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": (str(ports.first_replica + REPLICA_PORTS), "as above"),
        "RAY_SERVE_HAPROXY_BINARY_PATH": (str(paths.proxy_program), "closes HAProxy's own pages to other machines"),
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": (f"{sockets}/haproxy.cfg", "the default folder is everybody's"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": (f"{sockets}/s", "as above, and short: it is a socket"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": (f"{sockets}/m", "as above"),
        "RAY_SERVE_HAPROXY_LOG_TARGET": (
            f"{sockets}/l",
            "nobody reads it; UDP would hold a port on all interfaces",
        ),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": (sockets, "as above"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": (f"{sockets}/server-state", "as above"),
    }
    return tuple(
        Variable(name=name, value=value, reason=reason, overridable=False) for name, (value, reason) in values.items()
    )


def node_environment(caller: Mapping[str, str], variables: tuple[Variable, ...]) -> dict[str, str]:
    """The caller's environment with ours laid over it."""
    environment = {name: value for name, value in caller.items() if name not in REMOVED}
    for variable in variables:
        if not (variable.overridable and variable.name in environment):
            environment[variable.name] = variable.value
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_SHIMS), environment.get("PYTHONPATH"))))
    # The commands of this environment (ray, python) before all others: replicas look them up.
    environment["PATH"] = f"{sys.prefix}/bin:{environment.get('PATH', '')}"
    return environment
