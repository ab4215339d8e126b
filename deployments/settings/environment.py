"""Misspelt environment variables are errors, as misspelt keys of cluster.yaml are."""

import difflib
from collections.abc import Mapping

from pydantic import BaseModel

from deployments.errors import ConfigError
from deployments.settings.service import ENV_NESTING, ENV_PREFIX, ServiceSettings

# Set by glyphserve itself or its tests, or for its command line: no settings, but no misspellings either.
OWN_VARIABLES = frozenset(
    {"GLYPHSERVE_KEY", "GLYPHSERVE_RUN_ID", "GLYPHSERVE_TESTS_FORBID_SKIP", "GLYPHSERVE_TESTS_SCREENSHOTS"}
)


def variable_names(model: type[BaseModel] = ServiceSettings, prefix: str = ENV_PREFIX) -> list[str]:
    """Names of all environment variables that set a field, nested groups included."""
    names = []
    for field_name, field in model.model_fields.items():
        name = f"{prefix}{field_name.upper()}"
        names.append(name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += variable_names(field.annotation, f"{name}{ENV_NESTING}")
    return names


def check_variables(environ: Mapping[str, str]) -> None:
    """Refuse ``GLYPHSERVE_*`` variables that set nothing.

    Raises:
        ConfigError: names the variable and the closest known one.
    """
    known = variable_names()
    maps = tuple(f"{ENV_PREFIX}{name}{ENV_NESTING}" for name in ("ADMIN_KEYS", "READ_KEYS"))
    for variable in sorted(environ):
        upper = variable.upper()
        if not upper.startswith(ENV_PREFIX) or upper in OWN_VARIABLES or upper in known:
            continue
        if upper.startswith(maps):
            continue
        close = difflib.get_close_matches(upper, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ConfigError(f"environment variable {variable} sets nothing{hint}")
