"""docs/cli.md, made from the commands themselves: `python -m deployments.cli.reference`."""

import sys

import typer
from typer.cli import get_docs_for_click

from deployments.cli.errors import EXIT_CODES
from deployments.cli.main import app

_INTRODUCTION = """# Command line

`glyphserve` is in `.venv/bin` after `make run`. Every command takes `--help`; all that answer anything take `--json`.
Errors are one line on stderr that names the remedy; `glyphserve --debug COMMAND` shows where they came from.

Shell completion: `glyphserve --install-completion` sets it up for the shell that you are in (bash, zsh, fish,
PowerShell); `--show-completion` prints it for you to put elsewhere.

*Made by `python -m deployments.cli.reference`; a test keeps it true.*

## Exit codes

| code | meaning |
|---|---|"""


def render() -> str:
    """The whole page, in Markdown."""
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    group = typer.main.get_command(app)
    commands = get_docs_for_click(obj=group, ctx=typer.Context(group, info_name="glyphserve"), name="glyphserve")
    # Its title and the exit codes stand above.
    _, _, commands = commands.partition("**Usage**")
    return f"{_INTRODUCTION}\n{codes}\n\n**Usage**{commands.rstrip()}\n"


if __name__ == "__main__":
    sys.stdout.write(render())
