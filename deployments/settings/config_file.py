"""cluster.yaml: read, checked against Serve's own schema, and made ready to deploy."""

import difflib
import types
import typing
import warnings
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from ray.serve.config import AutoscalingConfig
from ray.serve.schema import ServeDeploySchema

from deployments.errors import ConfigError
from deployments.settings.resolve import describe, resolve_settings
from deployments.settings.service import ServiceSettings

APPLICATION = "glyphserve"


@dataclass(frozen=True, kw_only=True)
class ClusterConfig:
    """A checked cluster.yaml.

    Attributes:
        settings: the application's settings, environment applied.
        serve_config: the body for Serve's deploy call; http_options follow the settings.
    """

    settings: ServiceSettings
    serve_config: dict[str, Any]


def load(path: Path, *, overlook_misspelt: bool = False) -> ClusterConfig:
    """Read and check a Serve config file.

    Serve drops misspelt keys in silence (2.60), so every key is checked here first.

    Args:
        path: of the file.
        overlook_misspelt: whether environment variables that set nothing pass.

    Raises:
        ConfigError: the file is missing, no YAML, or has an unknown or wrong key.
    """
    raw = _read(path)
    _check_keys(raw, ServeDeploySchema, "")
    _check_values(raw, path.name)
    application = _application(raw, path.name)
    settings = resolve_settings(application.get("args") or {}, overlook_misspelt=overlook_misspelt)
    serve_config = deepcopy(raw)
    serve_config["http_options"] = {
        **(raw.get("http_options") or {}),
        "host": settings.host,
        "port": settings.port,
    }
    return ClusterConfig(settings=settings, serve_config=serve_config)


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror or 'cannot be read'}") from e
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise ConfigError(f"{path.name} is not YAML: {e}") from e
    if not isinstance(raw, dict):
        raise ConfigError(f"{path.name} must be a map with the key 'applications'")
    return raw


def _check_values(raw: dict[str, Any], name: str) -> None:
    try:
        with warnings.catch_warnings():
            # Ray 2.60 deprecates metrics_interval_s, yet warns of a short look_back_period_s without it.
            warnings.filterwarnings("ignore", "The `metrics_interval_s` field", DeprecationWarning)
            ServeDeploySchema.model_validate(raw)
    except ValidationError as e:
        raise ConfigError(f"{name}: {describe(e)}") from e


def _application(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = [a for a in raw.get("applications", []) if a.get("name") == APPLICATION]
    if len(found) != 1:
        raise ConfigError(f"{name} must hold exactly one application named {APPLICATION!r}")
    return dict(found[0])


def _check_keys(value: Any, annotation: Any, where: str) -> None:  # noqa: ANN401 - walks any YAML and any type
    models = list(_models_in(annotation))
    if isinstance(value, list):
        for index, item in enumerate(value):
            _check_keys(item, annotation, f"{where}[{index}]")
        return
    if not isinstance(value, dict) or not models:
        return
    known = {key: field for model in models for key, field in model.model_fields.items()}
    for key, item in value.items():
        path = f"{where}.{key}".lstrip(".")
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            raise ConfigError(f"unknown key {path}" + (f"; did you mean {close[0]}?" if close else ""))
        _check_keys(item, AutoscalingConfig if key == "autoscaling_config" else known[key].annotation, path)


def _models_in(annotation: Any) -> typing.Iterator[type[BaseModel]]:  # noqa: ANN401 - any type expression
    """The pydantic models inside a type expression; free-form maps hold none and are not checked."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType, list, typing.Annotated):
        for argument in typing.get_args(annotation):
            yield from _models_in(argument)
