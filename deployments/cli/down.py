"""`glyphserve down`: whatever runs or is left of the cluster ends."""

import typer

from deployments.cli.errors import reports_errors
from deployments.cli.options import DEFAULT_CONFIG, ConfigOption, cluster_paths
from deployments.cluster.stop import stop_cluster


@reports_errors
def down(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Stop the service on this machine; with nothing running, say so."""
    typer.echo(stop_cluster(cluster_paths(config)))
