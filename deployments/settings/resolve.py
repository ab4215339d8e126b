"""From application arguments and environment to checked settings, with errors a person can act on."""

import os
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from deployments.errors import ConfigError
from deployments.settings.environment import check_variables
from deployments.settings.service import ServiceSettings


def resolve_settings(arguments: Mapping[str, Any], *, overlook_misspelt: bool = False) -> ServiceSettings:
    """Check cluster.yaml's application arguments, the process environment winning over them.

    Args:
        arguments: the application's.
        overlook_misspelt: whether variables that set nothing pass.

    Raises:
        ConfigError: names each field that is unknown, malformed or out of range.
    """
    if not overlook_misspelt:
        check_variables(os.environ)
    try:
        return ServiceSettings(**arguments)
    except SettingsError as e:
        raise ConfigError(str(e)) from e
    except ValidationError as e:
        raise ConfigError(describe(e)) from e


def describe(error: ValidationError) -> str:
    """One line naming every faulty field; values are left out, since they may be secrets."""
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors())
