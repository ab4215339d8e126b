"""`glyphserve jobs`: the retrain jobs; watch one, cancel one."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from deployments.cli.errors import reports_errors
from deployments.cli.outcome import watch as watch_job
from deployments.cli.service import JsonOption, KeyOption, Service, UrlOption

app = typer.Typer(invoke_without_command=True, help="The retrain jobs: list, watch, cancel.")

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="A job's id, as listed.")]


@app.callback()
@reports_errors
def jobs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, newest first.")] = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """List the retrain jobs, newest first; or watch or cancel one."""
    if context.invoked_subcommand is not None:
        return
    with Service(url, key=key) as service:
        items: list[dict[str, Any]] = service.get("/v1/retrains", limit=limit)["items"]
    if as_json:
        typer.echo(json.dumps(items, ensure_ascii=False))
        return
    # An id is there to be copied: what is too wide is folded elsewhere.
    table = Table(Column("job", no_wrap=True), "created (UTC)", Column("images", justify="right"), "state", "why")
    for job in items:
        state = job["state"] + (f", {job['queue_position']} ahead" if job["queue_position"] else "")
        table.add_row(
            job["id"], job["created_at"][:16].replace("T", " "), str(job["examples"]), state, escape(job["reason"])
        )
    Console().print(table)


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
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else f"job {found['id']} is {found['state']}")
