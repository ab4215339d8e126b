"""All checks, in the order in which they are told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from deployments.doctor import configuration, devices, network, resources, software, stores
from deployments.doctor.finding import Finding, Severity, problem
from deployments.doctor.place import Place

Check = Callable[[Place], Iterator[Finding]]
"""Looks at one thing and yields what is wrong with it; its name and first line say what it looks at."""

CHECKS: tuple[Check, ...] = (
    software.python_version,
    software.ray_version,
    software.packages,
    software.weights,
    configuration.variables,
    configuration.cluster_file,
    network.port,
    network.keys,
    stores.data_folder,
    stores.disk_space,
    stores.database,
    stores.blob_store,
    stores.leftovers,
    resources.shared_memory,
    resources.memory,
    resources.open_files,
    resources.threads,
    resources.room_for_training,
    devices.gpus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check had to say.

    Attributes:
        check: its name.
        looked_at: what it makes sure of, in one sentence.
        findings: what is wrong; none: all is well.
    """

    check: str
    looked_at: str
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity | None:
        """The worst of its findings."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in Severity if severity in found), None)


def examine(place: Place, checks: Sequence[Check] = CHECKS) -> Iterator[Result]:
    """Run the checks one after the other; a check that breaks is itself a finding."""
    for check in checks:
        try:
            findings = tuple(check(place))
        except Exception as e:  # noqa: BLE001 - the other checks must still be heard
            findings = (problem(f"the check itself failed: {type(e).__name__}: {e}", "report it as a defect"),)
        yield Result(
            check=check.__name__.replace("_", " "),
            looked_at=(check.__doc__ or "").splitlines()[0],
            findings=findings,
        )
