"""What `glyphserve eval` shows and saves: tables, a report for programs, a sheet of what was misread."""

import csv
import json
from pathlib import Path
from typing import Any

from PIL import Image
from rich.console import Console
from rich.table import Table

from deployments.cli.eval_outcome import Outcome
from deployments.cli.misread_sheet import Misread, draw_sheet
from ocr_model.confusions import commonest_confusions
from ocr_model.evaluation import pooled_calibration_error, summary
from ocr_model.labelled import read_labels
from ocr_model.score_table import table
from ocr_model.scoring import Score, mean_score

REPORT, TABLE, SHEET = "report.json", "table.csv", "misread.png"
_NOTHING = "nothing"
"""Stands in the table of confusions for a character that is not there."""


def report(outcome: Outcome) -> dict[str, Any]:
    """Everything measured, for JSON."""
    told = summary(outcome.free, version=outcome.version)
    if outcome.own is not None:
        told["own_charset"] = {name: evaluation.score.as_dict() for name, evaluation in outcome.own.items()}
    return told


def show(outcome: Outcome, console: Console) -> None:
    """Print the tables."""
    scores = {name: evaluation.score for name, evaluation in outcome.free.items()}
    console.print(table(scores, title=f"model {outcome.version}"))
    console.print(
        f"expected calibration error (ECE), all images together: {pooled_calibration_error(outcome.free):.3f}"
    )
    confusions = commonest_confusions(read for evaluation in outcome.free.values() for read in evaluation.reads)
    if confusions:
        rows = Table("shown", "read", "times", title="Commonest confusions")
        for shown, read, count in confusions:
            rows.add_row(shown or _NOTHING, read or _NOTHING, str(count))
        console.print(rows)
    if outcome.own is not None:
        own = {name: evaluation.score for name, evaluation in outcome.own.items()}
        console.print(_gain_table(scores, own))


def _gain_table(free: dict[str, Score], own: dict[str, Score]) -> Table:
    """Compare, set by set, percent read exactly without and with the set's own characters."""
    result = Table(title="Restricted to each set's own characters")
    result.add_column("set", no_wrap=True)
    for name in ("exact %", "own charset %", "gain"):
        result.add_column(name, justify="right")
    rows = {name: (free[name].exact, own[name].exact) for name in free}
    if len(rows) > 1:
        rows["mean"] = (mean_score(list(free.values())).exact, mean_score(list(own.values())).exact)
    for name, (before, after) in rows.items():
        if name == "mean":
            result.add_section()
        result.add_row(name, f"{before:.1f}", f"{after:.1f}", f"{after - before:+.1f}")
    return result


def save_outcome(outcome: Outcome, folder: Path) -> None:
    """Write the report, the table and, if anything was misread, the sheet."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report(outcome), indent=1, ensure_ascii=False)
    (folder / REPORT).write_text(text + "\n", encoding="utf-8")
    scores = {name: evaluation.score for name, evaluation in outcome.free.items()}
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, ["set", *mean_score(list(scores.values())).as_dict()], lineterminator="\n")
        rows.writeheader()
        for name, score in (scores | {"mean": mean_score(list(scores.values()))}).items():
            rows.writerow({"set": name} | score.as_dict())
    misread = {
        name: [
            Misread(image.path, read.truth, read.text, read.confidence)
            for image, read in zip(read_labels(outcome.folders[name]), evaluation.reads, strict=True)
            if read.text != read.truth
        ]
        for name, evaluation in outcome.free.items()
    }
    (folder / SHEET).unlink(missing_ok=True)
    if any(misread.values()):
        colours = draw_sheet(misread).quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        colours.save(folder / SHEET, optimize=True)
