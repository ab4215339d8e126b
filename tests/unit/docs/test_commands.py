"""Commands in the documentation that need no service are run as they stand.

A comment `<!-- executed: no service -->` before a block names it; its lines beginning with `$ ` are run in the
repository's root, and must succeed.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
BLOCK = re.compile(r"<!-- executed: no service -->\n```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    pages = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    blocks = [block for page in pages for block in BLOCK.findall(page.read_text(encoding="utf-8"))]
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def test_there_are_some() -> None:
    assert len(commands()) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("command", commands())
def test_a_command_works_as_it_stands(command: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        check=False,
        cwd=REPOSITORY,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
