"""A job's verdict for people: both models' scores, what they read differently, labels that look wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Column, Table

_ROWS = 10
_SETS = {"held_out": "held-out images", "golden": "golden set", "remembered": "of earlier retrains"}


def verdict_parts(verdict: Mapping[str, Any]) -> list[RenderableType]:
    """What a verdict has to say; whatever it lacks is left out."""
    parts: list[RenderableType] = []
    if any(isinstance(verdict.get(name), Mapping) for name in _SETS):
        parts.append(_scores(verdict))
    held_out = verdict.get("held_out") or {}
    if "p_value" in held_out:
        gained, lost = held_out.get("gained", "?"), held_out.get("lost", "?")
        parts.append(
            f"held-out images gained {gained}, lost {lost} (one-sided paired test, p = {held_out['p_value']:.2g})"
        )
    if verdict.get("new_characters"):
        parts.append(f"new characters: {escape(str(verdict['new_characters']))}")
    if left_out := _left_out(verdict.get("dropped")):
        parts.append(f"examples left out: {left_out}")
    parts += _listed("read differently", verdict.get("examples"), ("index", "label", "serving", "candidate"))
    parts += _listed("labels that look wrong", verdict.get("suspects"), ("index", "label", "read", "confidence"))
    return parts


def show_verdict(console: Console, verdict: Mapping[str, Any]) -> None:
    """Print it."""
    for part in verdict_parts(verdict):
        console.print(part, highlight=False)


def _scores(verdict: Mapping[str, Any]) -> Table:
    table = Table("", Column("images", justify="right"), title="Read exactly, percent", title_justify="left")
    for name in ("serving", "candidate", "change"):
        table.add_column(name, justify="right")
    for key, title in _SETS.items():
        found = verdict.get(key)
        if isinstance(found, Mapping):
            before, after = (_exact(found.get(name)) for name in ("serving", "candidate"))
            change = "" if before is None or after is None else f"{after - before:+.1f}"
            table.add_row(title, str(found.get("n", "")), _percent(before), _percent(after), change)
    return table


def _listed(title: str, rows: object, columns: Sequence[str]) -> list[RenderableType]:
    if not isinstance(rows, list) or not rows:
        return []
    table = Table(*columns, title=f"{title[:1].upper()}{title[1:]}", title_justify="left")
    for row in rows[:_ROWS]:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    more = len(rows) - _ROWS
    return [table, f"... and {more} more (--json has them)"] if more > 0 else [table]


def _left_out(dropped: object) -> str:
    counts = dropped.get("counts") if isinstance(dropped, Mapping) else None
    named = counts.items() if isinstance(counts, Mapping) else ()
    return ", ".join(f"{count} {escape(str(why)).replace('_', ' ')}" for why, count in named if count)


def _exact(score: object) -> float | None:
    value = score.get("exact") if isinstance(score, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return "" if value is None else escape(str(value))
