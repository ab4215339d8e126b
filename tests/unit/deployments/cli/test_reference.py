import inspect
from pathlib import Path

import pytest
import typer

from deployments.cli import errors, outcome, reference
from deployments.cli.main import app

PAGE = Path(__file__).parents[4] / "docs" / "cli.md"


@pytest.mark.parametrize("columns", ["40", "200"])
def test_the_documented_commands_are_the_real_ones(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert PAGE.read_text(encoding="utf-8") == reference.render()


def test_every_exit_code_is_documented() -> None:
    used = {value for module in (errors, outcome) for name, value in vars(module).items() if name.endswith("_EXIT")}
    assert used | {0} == set(errors.EXIT_CODES)


def test_every_command_speaks_json() -> None:
    def commands(application: typer.Typer) -> list[object]:
        nested = [
            one
            for group in application.registered_groups
            if group.typer_instance
            for one in commands(group.typer_instance)
        ]
        return [command.callback for command in application.registered_commands] + nested

    found = commands(app)
    assert len(found) > 12
    for command in found:
        assert callable(command)
        assert "as_json" in inspect.signature(command).parameters, command
