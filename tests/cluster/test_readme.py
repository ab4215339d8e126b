"""The README's commands, pasted as they stand into a shell, give the answers it shows."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.cluster import REPOSITORY, RunningCluster

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Ids, paths and times differ from run to run; the README shows one of each.
VARYING = re.compile(r"[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?")


def sessions() -> list[tuple[str, str]]:
    """(command, what the README says it prints) of every console block but those that start the service."""
    found = []
    for block in BLOCK.findall((REPOSITORY / "README.md").read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            while command.endswith("\\"):
                line, _, output = output.partition("\n")
                command = f"{command}\n{line}"
            if not command.startswith(("make", "git clone", "cd ", "glyphserve", ".venv/bin/glyphserve up")):
                found.append((command, output.strip()))
    return found


def test_the_readme_has_commands() -> None:
    assert len(sessions()) >= 2


@pytest.mark.parametrize(("command", "shown"), sessions())
def test_a_command_answers_as_shown(service: RunningCluster, command: str, shown: str) -> None:
    pasted = command.replace("http://127.0.0.1:8000", service.base_url)
    done = subprocess.run(
        ["bash", "-c", pasted], check=False, cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert VARYING.sub("…", done.stdout.strip()) == VARYING.sub("…", shown)


def test_the_make_targets_named_exist() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    makefile = Path(REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:`|\$ )make ([a-z-]+)", readme))
    assert {"run", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
