"""What can be said of the cluster of one data folder, from outside."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import httpx
import psutil
from pydantic import BaseModel, ConfigDict, Field

from deployments.cluster.cleanup import cluster_processes
from deployments.cluster.lock import holder
from deployments.cluster.paths import ClusterPaths
from deployments.cluster.readiness import READY_PATH
from deployments.cluster.serve_api import ServeApi
from deployments.cluster.state import ClusterState
from deployments.errors import LifecycleError
from deployments.refusals import refused_by

_CPU_SAMPLE_S = 0.3
_STATUS_PATH = "/v1/status"


class Condition(StrEnum):
    """The one word that matters."""

    READY = "ready"
    NOT_READY = "not ready"
    NOT_RUNNING = "not running"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProcessReport(_Part):
    """One process of the cluster."""

    pid: int
    name: str = Field(description="What it is for.")
    rss_bytes: int = Field(description="Resident memory; pages shared between processes count in each.")
    cpu_percent: float = Field(description=f"Of one core, over {_CPU_SAMPLE_S} s.")
    listens: list[str] = Field(description="TCP addresses it accepts connections on.")


class DeploymentReport(_Part):
    """One Serve deployment."""

    name: str
    status: str
    replicas: dict[str, int] = Field(description="How many replicas are in each state.")
    message: str


class ClusterReport(_Part):
    """All of it."""

    condition: Condition
    url: str | None = None
    started_at: datetime | None = None
    supervisor_pid: int | None = Field(default=None, description="The `glyphserve up` that watches it.")
    dashboard_url: str | None = None
    metrics_url: str | None = Field(default=None, description="Where Prometheus scrapes this node.")
    deployments: list[DeploymentReport] = []
    processes: list[ProcessReport] = []
    haproxy_refused: int | None = Field(
        default=None, description="Requests that HAProxy itself told 429 since it began with these ingress replicas."
    )
    serving: list[dict[str, Any]] = Field(
        default=[], description="What each recognizer replica reads with; none where a key is wanted and not given."
    )
    retrains_queued: int | None = Field(default=None, description="Retrains that wait for their turn; likewise.")
    readiness: dict[str, Any] = Field(default={}, description="The answer of /healthz/ready: models, queues.")

    @property
    def health(self) -> list[str]:
        """What the readiness answer has to say, one entry a line."""
        told = {key: value for key, value in self.readiness.items() if key != "content" and value not in ("", None)}
        return [f"{key.replace('_', ' ')}: {value}" for key, value in told.items()]


def report_cluster(paths: ClusterPaths, *, key: str | None = None) -> ClusterReport:
    """Look at processes, sockets, Serve's API and the service's own routes; changes nothing.

    Args:
        paths: of the cluster.
        key: a read key, for what the service tells nobody else.
    """
    state = ClusterState.load(paths.state)
    supervisor = holder(paths.lock)
    running = cluster_processes(paths, state)
    if state is None or not running:
        return ClusterReport(condition=Condition.NOT_RUNNING, processes=_processes(running))
    if supervisor is not None and psutil.pid_exists(supervisor):
        running.append(psutil.Process(supervisor))
    code, readiness = _answer(state.url + READY_PATH)
    status_code, service = _answer(state.url + _STATUS_PATH, key=key)
    service = service if status_code == httpx.codes.OK else {}
    return ClusterReport(
        condition=Condition.READY if code == httpx.codes.OK else Condition.NOT_READY,
        url=state.url,
        started_at=state.started_at,
        supervisor_pid=supervisor,
        dashboard_url=state.dashboard_url,
        metrics_url=state.metrics_url,
        deployments=_deployments(state),
        processes=_processes(running),
        haproxy_refused=refused_by(state.ports.haproxy_pages),
        serving=service.get("replicas", []),
        retrains_queued=service.get("retrains_queued"),
        readiness=readiness,
    )


def _answer(url: str, *, key: str | None = None) -> tuple[int | None, dict[str, Any]]:
    try:
        with httpx.Client(timeout=5, trust_env=False, headers={"X-API-Key": key} if key else {}) as client:
            response = client.get(url)
            found = response.json()
    except (httpx.HTTPError, ValueError):
        return None, {}
    return response.status_code, found if isinstance(found, dict) else {}


def _deployments(state: ClusterState) -> list[DeploymentReport]:
    try:
        with ServeApi(state.dashboard_url, token_path=state.token_path) as api:
            applications: Mapping[str, Any] = api.details().get("applications", {})
    except (LifecycleError, OSError):
        return []
    return [
        DeploymentReport(
            name=name,
            status=found["status"],
            replicas=dict(Counter(replica["state"] for replica in found["replicas"])),
            message=found["message"],
        )
        for application in applications.values()
        for name, found in application["deployments"].items()
    ]


def _processes(running: Iterable[psutil.Process]) -> list[ProcessReport]:
    listening: dict[int | None, list[str]] = {}
    for c in psutil.net_connections("tcp"):
        if c.status == psutil.CONN_LISTEN and c.laddr:
            listening.setdefault(c.pid, []).append(f"{c.laddr.ip.removeprefix('::ffff:')}:{c.laddr.port}")
    running = list(running)
    for process in running:
        _cpu_percent(process)  # starts the sample
    psutil.wait_procs(running, timeout=_CPU_SAMPLE_S)
    found = (_process(p, sorted(listening.get(p.pid, []))) for p in running)
    return sorted((p for p in found if p is not None), key=lambda p: p.pid)


def _process(process: psutil.Process, listens: list[str]) -> ProcessReport | None:
    try:
        with process.oneshot():
            return ProcessReport(
                pid=process.pid,
                name=role_of(process),
                rss_bytes=process.memory_info().rss,
                cpu_percent=_cpu_percent(process),
                listens=listens,
            )
    except psutil.Error:
        return None


def _cpu_percent(process: psutil.Process) -> float:
    try:
        return process.cpu_percent()
    except psutil.Error:
        return 0.0


# By a part of the command line; Ray's workers write what they are at work on behind their names.
_ROLES = {
    "deployments.cli": "glyphserve up",
    "bin/glyphserve": "glyphserve up",
    "dashboard/dashboard.py": "Ray dashboard",
    "ray-dashboard-JobHead": "Ray dashboard: jobs",
    "ray-dashboard-ServeHead": "Ray dashboard: Serve",
    "forkserver": "Ray dashboard: fork server",
    "resource_tracker": "Ray dashboard: resource tracker",
    "ray::DashboardAgent": "Ray dashboard agent",
    "ray::RuntimeEnvAgent": "Ray runtime environments",
    "ray::ServeController": "Serve controller",
    "ray::ProxyActor": "Serve fallback proxy",
    "ray::HAProxyManager": "HAProxy manager",
    "ray::JobSupervisor": "retrain job",
    "ray::TrainController": "train controller",
    "ray::RayTrainWorker": "train worker",
}


def role_of(process: psutil.Process) -> str:
    """What a process of the cluster is for, as `glyphserve status` names it."""
    command = " ".join(process.cmdline())
    if "/standby/haproxy.cfg" in command:
        return "standby HAProxy"
    if command.startswith("ray::ServeReplica:"):
        return f"replica: {re.split('[:.]', command)[4].strip()}"
    return next((role for part, role in _ROLES.items() if part in command), process.name())
