"""Options that several commands share."""

import os
from pathlib import Path
from typing import Annotated

import typer

from deployments.cluster.local_config import read_applications
from deployments.cluster.paths import ClusterPaths
from deployments.settings.resolve import resolve_settings

ConfigOption = Annotated[Path, typer.Option("--config", help="The Serve config file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs, instead of words and tables.")]
AgainOption = Annotated[
    float, typer.Option(min=0, max=1, help="Confidence below which an image is looked at twice more; 0: never.")
]
DEFAULT_CONFIG = Path("cluster.yaml")


def cluster_paths(config: Path) -> ClusterPaths:
    """The files of the cluster that a config file describes.

    Reads the data folder alone and needs no Ray, so that `status` and `down` answer at once and
    also work with a config that `up` would refuse.

    Raises:
        ConfigError: the file is missing or no YAML, or the data folder is no path.
    """
    if folder := os.environ.get("GLYPHSERVE_DATA_DIR"):
        return ClusterPaths.of(Path(folder))
    arguments = [a.get("args") or {} for a in read_applications(config)]
    given = {key: value for a in arguments for key, value in a.items() if key == "data_dir"}
    return ClusterPaths.of(resolve_settings(given).data_dir)
