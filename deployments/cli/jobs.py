"""`glyphserve jobs`: the retrain jobs; watch one, cancel one."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column

from deployments.cli.errors import reports_errors
from deployments.cli.listing import LimitOption, Row, list_resources, print_json, shown_time
from deployments.cli.options import JsonOption
from deployments.cli.outcome import watch as watch_job
from deployments.cli.service import KeyOption, Service, UrlOption

app = typer.Typer(invoke_without_command=True, help="The retrain jobs: list, watch, cancel.")

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="A job's id, as listed.")]


@app.callback()
@reports_errors
def jobs(
    context: typer.Context,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """List the retrain jobs, newest first; or watch or cancel one."""
    if context.invoked_subcommand is not None:
        return
    columns = ("job", "created (UTC)", Column("images", justify="right"), "state", "why")
    with Service(url, key=key) as service:
        list_resources(service, "/v1/retrains", limit=limit, as_json=as_json, columns=columns, row=_row)


def _row(job: Mapping[str, Any]) -> Row:
    state = job["state"] + (f", {job['queue_position']} ahead" if job["queue_position"] else "")
    cells = (job["id"], shown_time(job["created_at"]), str(job["examples"]), state, escape(job["reason"]))
    return cells, None


@app.command()
@reports_errors
def watch(job: JobArgument, as_json: JsonOption = False, url: UrlOption = None, key: KeyOption = None) -> None:
    """Watch a job to its end; the exit codes are those of `glyphserve retrain`."""
    with Service(url, key=key) as service:
        watch_job(service, service.get(f"/v1/retrains/{job}"), as_json=as_json)


@app.command()
@reports_errors
def cancel(job: JobArgument, as_json: JsonOption = False, url: UrlOption = None, key: KeyOption = None) -> None:
    """Cancel a job that has not ended."""
    with Service(url, key=key) as service:
        found = service.send("DELETE", f"/v1/retrains/{job}")
    if as_json:
        print_json(found)
    else:
        typer.echo(f"job {found['id']} is {found['state']}")
