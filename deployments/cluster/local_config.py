"""What must be known of cluster.yaml before Ray is imported, which takes seconds."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deployments.errors import ConfigError
from deployments.settings.resolve import resolve_settings
from deployments.settings.service import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class LocalConfig:
    """The part of a config that decides how the node starts.

    Attributes:
        path: the file, absolute.
        settings: the application's settings, environment applied.
        cpus: how many CPUs to tell Ray of.
    """

    path: Path
    settings: ServiceSettings
    cpus: int


def read_local_config(path: Path) -> LocalConfig:
    """Read what the start of the node needs; the deployer checks the rest meanwhile.

    Raises:
        ConfigError: the file is missing or no Serve config, or a setting is wrong.
    """
    applications = read_applications(path)
    arguments = {key: value for a in applications for key, value in (a.get("args") or {}).items()}
    return LocalConfig(path=path.absolute(), settings=resolve_settings(arguments), cpus=cpus_for(applications))


def read_applications(path: Path) -> list[dict[str, Any]]:
    """The applications of a Serve config file, as they stand there.

    Raises:
        ConfigError: the file is missing, no YAML, or has no list of applications.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror}; name the file with --config") from e
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise ConfigError(f"{path.name} is not YAML: {' '.join(str(e).split())}") from e
    applications = raw.get("applications") if isinstance(raw, dict) else None
    if not isinstance(applications, list) or not all(isinstance(a, dict) for a in applications):
        raise ConfigError(f"{path.name} must be a map with a list 'applications'")
    return applications


def cpus_for(applications: Sequence[Mapping[str, Any]]) -> int:
    """CPUs to tell Ray of: those of the machine, or more if the config's least need is higher.

    Ray's CPUs only count reservations, so that one core can still run what asks for two.
    """
    need = sum(_need(d) for a in applications for d in a.get("deployments") or [])
    return max(len(os.sched_getaffinity(0)), math.ceil(need))


def _need(deployment: Mapping[str, Any]) -> float:
    scaling = deployment.get("autoscaling_config") or {}
    replicas = scaling.get("initial_replicas") or scaling.get("min_replicas") or deployment.get("num_replicas")
    cpus = (deployment.get("ray_actor_options") or {}).get("num_cpus", 1)
    return (replicas if isinstance(replicas, int) else 1) * float(cpus)
