"""`glyphserve`: the reading service on this machine, and the model by itself."""

from importlib.metadata import version
from typing import Annotated

import typer

from deployments.cli import jobs, label, models
from deployments.cli.doctor import doctor
from deployments.cli.down import down
from deployments.cli.errors import debug
from deployments.cli.eval import evaluate
from deployments.cli.read import read
from deployments.cli.retrain import retrain
from deployments.cli.status import status
from deployments.cli.up import up

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Reads short distorted text images on a Ray Serve cluster.\n\n"
    "Exit codes: 0 success; 1 the configuration is wrong; 2 the cluster cannot be started, watched or"
    " stopped, or a service does not answer or refuses; 3 (status) not running; 4 (status) running but not ready;"
    " 5 (read) an image could not be read, (label import) a correction was refused;"
    " 6 (doctor) a problem was found;"
    " (retrain, jobs watch) 1 failed, 3 rejected, 4 cancelled.",
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
