"""`glyphserve`: the reading service on this machine, and the model by itself."""

from importlib.metadata import version
from typing import Annotated

import typer

from deployments.cli import jobs, label, models
from deployments.cli.bench import bench
from deployments.cli.doctor import doctor
from deployments.cli.down import down
from deployments.cli.errors import EXIT_CODES, debug
from deployments.cli.eval import evaluate
from deployments.cli.read import read
from deployments.cli.retrain import retrain
from deployments.cli.status import status
from deployments.cli.up import up

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Reads short distorted text images on a Ray Serve cluster.\n\n"
    "Exit codes: " + " ".join(f"{code}: {meaning}" for code, meaning in EXIT_CODES.items()),
)
app.command()(up)
app.command()(status)
app.command()(down)
app.command()(doctor)
app.command()(read)
app.command("eval")(evaluate)
app.command()(retrain)
app.add_typer(jobs.app, name="jobs")
app.add_typer(models.app, name="models")
app.add_typer(label.app, name="label")
app.command()(bench)


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
