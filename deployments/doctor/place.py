"""What all checks look at: one installation, its configuration as far as it can be read."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.cluster.local_config import read_applications
from deployments.cluster.paths import ClusterPaths
from deployments.doctor.machine import Machine
from deployments.errors import ConfigError
from deployments.settings.resolve import resolve_settings
from deployments.settings.service import ServiceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An installation.

    Attributes:
        config: the Serve config file.
        applications: as they stand in it; none if it cannot be read.
        settings: those in force; the defaults if they are wrong, which is a finding of its own.
        environment: the process's variables.
        machine: where it is.
    """

    config: Path
    applications: Sequence[Mapping[str, Any]]
    settings: ServiceSettings
    environment: Mapping[str, str]
    machine: Machine

    @classmethod
    def of(cls, config: Path) -> "Place":
        """Look at the installation that a config file describes; never fails."""
        applications: list[dict[str, Any]] = []
        settings = ServiceSettings.model_construct()
        try:
            applications = read_applications(config)
            arguments = {k: v for a in applications for k, v in (a.get("args") or {}).items()}
            # A misspelt variable is a finding of its own; the others still count.
            settings = resolve_settings(arguments, overlook_misspelt=True)
        except ConfigError:
            pass
        return cls(
            config=config,
            applications=applications,
            settings=settings,
            environment=dict(os.environ),
            machine=Machine.here(),
        )

    @property
    def paths(self) -> ClusterPaths:
        """The files of its cluster."""
        return ClusterPaths.of(self.settings.data_dir)
