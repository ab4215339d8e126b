"""cluster.yaml and the environment's variables."""

from collections.abc import Iterator

from deployments.doctor.finding import Finding, problem
from deployments.doctor.place import Place
from deployments.errors import ConfigError
from deployments.settings.environment import check_variables


def variables(place: Place) -> Iterator[Finding]:
    """No GLYPHSERVE_* variable is misspelt."""
    try:
        check_variables(place.environment)
    except ConfigError as e:
        yield problem(str(e), "correct or unset it; docs/settings.md names them all")


def cluster_file(place: Place) -> Iterator[Finding]:
    """cluster.yaml and the settings in force are valid."""
    from deployments.settings.config_file import load  # noqa: PLC0415 - imports Ray, which takes seconds

    try:
        load(place.config, overlook_misspelt=True)  # told by the check of variables
    except ConfigError as e:
        yield problem(
            str(e),
            f"correct {place.config}, or the variable that overrides it; see docs/settings.md. "
            "Where a setting is wrong, the other checks look at the defaults",
        )
