"""`glyphserve status`: what runs, for people or for programs."""

import typer
from rich.console import Console
from rich.table import Table

from deployments.cli.errors import NOT_READY_EXIT, NOT_RUNNING_EXIT, reports_errors
from deployments.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption, cluster_paths
from deployments.cli.service import KeyOption
from deployments.cluster.report import ClusterReport, Condition, report_cluster

_EXIT_CODES = {
    Condition.READY: 0,
    Condition.NOT_READY: NOT_READY_EXIT,
    Condition.NOT_RUNNING: NOT_RUNNING_EXIT,
}


@reports_errors
def status(
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
    key: KeyOption = None,
) -> None:
    """Show whether the service runs, its processes, ports and replicas, what each reads with, and what waits.

    Exit code 0: ready; 3: not running; 4: running but not ready.
    """
    report = report_cluster(cluster_paths(config), key=key)
    if as_json:
        typer.echo(report.model_dump_json(indent=1))
    else:
        _show(report)
    raise typer.Exit(_EXIT_CODES[report.condition])


def _show(report: ClusterReport) -> None:
    console = Console()
    console.print(_headline(report), highlight=False, soft_wrap=True)
    if report.metrics_url:
        console.print(f"metrics at {report.metrics_url}", highlight=False, soft_wrap=True)
    if report.condition is Condition.NOT_RUNNING:
        return
    deployments = Table("deployment", "status", "replicas", "message", title="Deployments")
    for d in report.deployments:
        states = ", ".join(f"{count} {state.lower()}" for state, count in d.replicas.items())
        deployments.add_row(d.name, d.status.lower(), states or "none", d.message)
    processes = Table("pid", "process", "memory", "CPU", "listens on", title="Processes")
    for p in report.processes:
        processes.add_row(
            str(p.pid), p.name, f"{p.rss_bytes / 2**20:.0f} MiB", f"{p.cpu_percent:.0f} %", " ".join(p.listens)
        )
    console.print(deployments, processes)
    recognizers = Table("recognizer", "reads with", "generation", "images read", "fault", title="Models")
    for replica in report.serving:
        told = (replica[name] for name in ("id", "model_version", "generation", "images_read", "fault"))
        recognizers.add_row(*map(str, told))
    if report.serving:
        console.print(recognizers)
    if report.retrains_queued is not None:
        console.print(f"retrains queued: {report.retrains_queued}", highlight=False)
    if report.haproxy_refused is not None:
        console.print(f"refused by HAProxy: {report.haproxy_refused}", highlight=False)
    for line in report.health:
        console.print(line, highlight=False, soft_wrap=True)


def _headline(report: ClusterReport) -> str:
    if report.condition is Condition.NOT_RUNNING:
        left = f" (processes left behind: {len(report.processes)}; `glyphserve down` ends them)"
        return "not running" + (left if report.processes else "")
    text = "ready" if report.condition is Condition.READY else "not ready"
    since = f"{report.started_at:%Y-%m-%d %H:%M:%S} UTC" if report.started_at else "?"
    watched = "" if report.supervisor_pid else "; its `glyphserve up` is gone, `glyphserve down` ends it"
    return f"{text} at {report.url} since {since}{watched}"
