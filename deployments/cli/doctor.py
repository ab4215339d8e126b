"""`glyphserve doctor`: what is wrong with this installation, and the remedy of each."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from deployments.cli.errors import UNHEALTHY_EXIT, reports_errors
from deployments.cli.listing import print_json
from deployments.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from deployments.doctor.finding import Severity

if TYPE_CHECKING:
    from deployments.doctor.registry import Result

_STYLES = {Severity.PROBLEM: "red", Severity.ADVICE: "yellow", None: "green"}


@reports_errors
def doctor(
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Find what is wrong with this installation, and say what to do about it; changes nothing.

    Exit code 0: nothing, or advice only; 6: at least one problem.
    """
    # They import the database's and the model's libraries, which other commands need not wait for.
    from deployments.doctor.place import Place  # noqa: PLC0415
    from deployments.doctor.registry import examine  # noqa: PLC0415

    results = list(examine(Place.of(config)))
    problems = sum(f.severity is Severity.PROBLEM for result in results for f in result.findings)
    if as_json:
        print_json({"problems": problems, "checks": [asdict(r) for r in results]})
    else:
        _show(results, problems)
    if problems:
        raise typer.Exit(UNHEALTHY_EXIT)


def _show(results: "list[Result]", problems: int) -> None:
    console = Console()
    table = Table("check", "", Column("found, and what to do", overflow="fold"))
    for result in results:
        for finding in result.findings:
            mark = f"[{_STYLES[finding.severity]}]{finding.severity}[/]"
            table.add_row(result.check, mark, escape(f"{finding.found}\n-> {finding.remedy}"))
        if not result.findings:
            table.add_row(result.check, f"[{_STYLES[None]}]ok[/]", escape(result.looked_at))
    console.print(table)
    advised = sum(len(result.findings) for result in results) - problems
    console.print(f"problems: {problems}, advice: {advised}, checks: {len(results)}", highlight=False)
