"""`glyphserve models`: every version, where it comes from, which one serves; compare two, serve one."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from deployments.cli.errors import reports_errors
from deployments.cli.listing import LimitOption, Row, list_resources, print_json, shown_time
from deployments.cli.options import JsonOption
from deployments.cli.service import KeyOption, Service, UrlOption
from deployments.cli.verdict_output import show_verdict

app = typer.Typer(invoke_without_command=True, help="The model's versions: list, show, compare, activate.")

VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="A version, as listed.")]


@app.callback()
@reports_errors
def models(
    context: typer.Context,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """List the model's versions, newest first; or show, compare or activate one."""
    if context.invoked_subcommand is not None:
        return
    columns = ("version", "created (UTC)", "parent", "read exactly", "serves")
    with Service(url, key=key) as service:
        list_resources(service, "/v1/models", limit=limit, as_json=as_json, columns=columns, row=_row)


def _row(model: Mapping[str, Any]) -> Row:
    serves = f"generation {model['generation']}" if model["serving"] else ""
    cells = (
        model["version"],
        shown_time(model["created_at"]),
        model["parent"] or "",
        _exact(model["metrics"]),
        serves,
    )
    return cells, "bold" if serves else None


@app.command()
@reports_errors
def show(version: VersionArgument, as_json: JsonOption = False, url: UrlOption = None, key: KeyOption = None) -> None:
    """Show a version: lineage, metrics, and the verdict of the job that made it."""
    with Service(url, key=key) as service:
        model = _get(service, version)
    if as_json:
        print_json(model)
        return
    console = Console()
    serves = f", serving as generation {model['generation']}" if model["serving"] else ""
    console.print(f"{model['version']}, made {shown_time(model['created_at'])} UTC{serves}", highlight=False)
    if model["lineage"]:
        console.print(f"from {' from '.join(model['lineage'])}", highlight=False, soft_wrap=True)
    table = Table("metric", Column("value", justify="right"))
    for name, value in model["metrics"].items():
        table.add_row(escape(name), _figure(value))
    console.print(table)
    if model["verdict"]:
        console.print(model["verdict"].get("reason", ""), highlight=False, markup=False, soft_wrap=True)
        show_verdict(console, model["verdict"])


@app.command()
@reports_errors
def compare(
    before: Annotated[str, typer.Argument(metavar="VERSION", help="A version.")],
    after: Annotated[str, typer.Argument(metavar="OTHER", help="Another one.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Compare what two versions scored when they were made; sets of the same name may hold different images."""
    with Service(url, key=key) as service:
        left, right = _get(service, before)["metrics"], _get(service, after)["metrics"]
    names = sorted({*left, *right})
    if as_json:
        found = {name: {before: left.get(name), after: right.get(name)} for name in names}
        print_json(found)
        return
    table = Table("metric", *(Column(name, justify="right") for name in (before, after, "change")))
    for name in names:
        table.add_row(name, *map(_figure, (left.get(name), right.get(name))), _change(left.get(name), right.get(name)))
    Console().print(table)


@app.command()
@reports_errors
def activate(
    version: VersionArgument,
    reason: Annotated[str, typer.Option(help="Why, kept with the serving pointer.")] = "",
    as_json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Serve a version on every replica, back or forward; nothing is switched if one cannot load it."""
    with Service(url, key=key) as service:
        done = service.send("POST", f"/v1/models/{quote(version, safe='')}/activate", {"reason": reason})
    if as_json:
        print_json(done)
    else:
        where = f"{done['replicas']} replica{'' if done['replicas'] == 1 else 's'} in {done['seconds']:.1f} s"
        typer.echo(f"{done['version']} serves on {where} (generation {done['generation']})")


def _get(service: Service, version: str) -> dict[str, Any]:
    return service.get(f"/v1/models/{quote(version, safe='')}")


def _exact(metrics: Mapping[str, Any]) -> str:
    found = {name.removesuffix("/exact"): value for name, value in metrics.items() if name.endswith("/exact")}
    return ", ".join(f"{escape(name)} {_figure(value)} %" for name, value in found.items())


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else escape(str(value))


def _change(before: object, after: object) -> str:
    if isinstance(before, int | float) and isinstance(after, int | float):
        return f"{after - before:+.4g}"
    return ""
