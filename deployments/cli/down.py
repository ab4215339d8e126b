"""`glyphserve down`: whatever runs or is left of the cluster ends."""

import typer

from deployments.cli.errors import reports_errors
from deployments.cli.listing import print_json
from deployments.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption, cluster_paths
from deployments.cluster.stop import stop_cluster


@reports_errors
def down(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Stop the service on this machine; with nothing running, say so."""
    said = stop_cluster(cluster_paths(config))
    if as_json:
        print_json({"result": said})
    else:
        typer.echo(said)
