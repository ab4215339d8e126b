"""`glyphserve up`: the cluster runs for as long as this process does."""

import json
import os
import signal
import threading
from functools import partial
from importlib.metadata import version
from typing import Annotated

import typer

from deployments.cli.detach import start_detached
from deployments.cli.errors import reports_errors
from deployments.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from deployments.cluster.local_config import read_local_config
from deployments.cluster.state import ClusterState
from deployments.cluster.supervisor import run_cluster


@reports_errors
def up(
    config: ConfigOption = DEFAULT_CONFIG,
    detach: Annotated[bool, typer.Option("--detach", help="Return once ready; `down` stops it.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of the config's.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port to listen on.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Start the service on this machine and run it until Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    # As environment variables they reach the replicas too, which read the same settings.
    if host is not None:
        os.environ["GLYPHSERVE_HOST"] = host
    if port is not None:
        os.environ["GLYPHSERVE_PORT"] = str(port)
    announce = partial(_announce, as_json=as_json)
    if detach:
        start_detached(config, stop=stop, on_ready=announce)
    else:
        run_cluster(read_local_config(config), stop=stop, on_ready=announce)


def _announce(state: ClusterState, *, as_json: bool) -> None:
    here = {"version": version("glyphserve"), "url": state.url, "docs": f"{state.url}/docs"}
    if as_json:
        typer.echo(json.dumps({**here, "metrics": state.metrics_url}))
    else:
        typer.echo(f"glyphserve {here['version']} reads at {here['url']}, documented at {here['docs']}")
