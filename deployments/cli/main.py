"""`glyphserve`: the reading service on this machine, and the model by itself."""

from importlib.metadata import version
from typing import Annotated

import typer

from deployments.cli.down import down
from deployments.cli.errors import debug
from deployments.cli.eval import evaluate
from deployments.cli.read import read
from deployments.cli.status import status
from deployments.cli.up import up

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Reads short distorted text images on a Ray Serve cluster.\n\n"
    "Exit codes: 0 success; 1 the configuration is wrong; 2 the cluster cannot be started, watched or"
    " stopped; 3 (status) not running; 4 (status) running but not ready;"
    " 5 (read) an image could not be read.",
)
app.command()(up)
app.command()(status)
app.command()(down)
app.command()(read)
app.command("eval")(evaluate)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"glyphserve {version('glyphserve')}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    show_debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and the log.")] = False,
) -> None:
    """Options of all commands."""
    del show_version
    debug.set(show_debug)


def main() -> None:
    """What the installed command runs."""
    app()


if __name__ == "__main__":
    main()
