"""The Dockerfile: linted, its pip line resolves against the pins, its commands are ours. No engine builds it here."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from deployments.cli.main import app
from tests.support.cluster import REPOSITORY

DOCKERFILE = REPOSITORY / "Dockerfile"


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """(instruction, the rest of its line), continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def the(instructions: list[tuple[str, str]], name: str) -> list[str]:
    return [rest for instruction, rest in instructions if instruction == name]


def test_the_linter_is_content() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, "--failure-threshold=info", DOCKERFILE], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_its_pip_line_resolves_against_the_pins(instructions: list[tuple[str, str]]) -> None:
    [line] = [rest for rest in the(instructions, "RUN") if rest.startswith("pip install")]
    words = shlex.split(line)
    index = words.index("--extra-index-url")
    del words[index : index + 2]  # where torch's CPU build comes from is the builder's choice
    # What the pins ask for is what this environment has, so that pip need look nowhere else.
    offline = ["--dry-run", "--no-index", "--no-build-isolation", "--quiet"]
    command = [sys.executable, "-m", *words[:2], *offline, *words[2:]]
    done = subprocess.run(command, check=False, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_it_runs_as_nobody_special_and_starts_what_the_package_has(
    instructions: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLYPHSERVE_HOST", "127.0.0.1")  # `up` changes it, and it is put back at the end
    assert the(instructions, "USER") == ["10001"]
    [entry] = the(instructions, "ENTRYPOINT")
    [arguments] = the(instructions, "CMD")
    assert json.loads(entry) == ["glyphserve"]
    assert "0.0.0.0" in json.loads(arguments)
    [health] = the(instructions, "HEALTHCHECK")
    program, *checked = json.loads(health[health.index("CMD ") + 4 :])
    assert program == "glyphserve"
    for command in (json.loads(arguments), checked):
        # Parsed whole before the configuration is looked at: 1 is the missing file, 2 a wrong command line.
        assert CliRunner().invoke(app, [*command, "--config=nowhere.yaml"]).exit_code == 1


def test_the_build_is_given_all_that_the_package_is_made_of(instructions: list[tuple[str, str]]) -> None:
    copied = {word for rest in the(instructions, "COPY") if "--from" not in rest for word in rest.split()[:-1]}
    let_in = set((REPOSITORY / ".dockerignore").read_text(encoding="utf-8").replace("!", "").split())
    assert copied <= let_in
    found = {path.parent.name for path in REPOSITORY.glob("*/__init__.py")}
    assert found <= copied


def test_images_are_pinned(instructions: list[tuple[str, str]]) -> None:
    compose = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))
    images = [rest.split()[0] for rest in the(instructions, "FROM")]
    images += [service["image"] for service in compose["services"].values()]
    assert all(re.search(r":.*\d", image) for image in images), images
