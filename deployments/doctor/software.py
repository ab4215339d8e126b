"""Python and the packages."""

from collections.abc import Iterator
from importlib.metadata import metadata

from packaging.specifiers import SpecifierSet

from deployments.doctor.finding import Finding, problem
from deployments.doctor.machine import PACKAGE
from deployments.doctor.place import Place
from ocr_model.errors import CheckpointError
from ocr_model.folder import verify
from ocr_model.weights import base_folder

_INSTALL = "install again into a fresh environment: rm -rf .venv && make run"


def python_version(place: Place) -> Iterator[Finding]:
    """Python is of a version that the package supports."""
    wanted = metadata(PACKAGE)["Requires-Python"]
    here = ".".join(map(str, place.machine.python))
    if here not in SpecifierSet(wanted):
        yield problem(f"this is Python {here}, the package needs {wanted}", f"install one, then {_INSTALL}")


def ray_version(place: Place) -> Iterator[Finding]:
    """Ray is the one release that the package was made for."""
    yield from _unmet(place, only="ray")


def packages(place: Place) -> Iterator[Finding]:
    """Every other package that is required is there, in a version that will do."""
    yield from _unmet(place, other_than="ray")


def weights(place: Place) -> Iterator[Finding]:
    """The model's files are whole: each has the SHA-256 that its manifest names."""
    folder = place.settings.reading.model_folder
    try:
        verify(folder or base_folder())
    except CheckpointError as e:
        remedy = _INSTALL if folder is None else f"restore {folder}, or leave out reading.model_folder"
        yield problem(str(e).rstrip("."), remedy)


def _unmet(place: Place, *, only: str | None = None, other_than: str | None = None) -> Iterator[Finding]:
    for requirement, found in place.machine.versions.items():
        if only not in {None, requirement.name} or requirement.name == other_than:
            continue
        if found is None:
            yield problem(f"{requirement.name} is not installed", _INSTALL)
        elif not requirement.specifier.contains(found, prereleases=True):
            yield problem(f"{requirement.name} is {found}, the package needs {requirement.specifier}", _INSTALL)
