"""The measures of several sets, laid out for a terminal."""

from rich.table import Table

from ocr_model.scoring import Score, mean_score


def table(scores: dict[str, Score], *, title: str = "") -> Table:
    """Lay scores out for a terminal, with the mean over the groups as last row."""
    result = Table(title=title or None)
    result.add_column("set", no_wrap=True)
    for name in ("n", "exact %", "any case %", "char err %", "confid.", "ECE", "ms"):
        result.add_column(name, justify="right")
    rows = dict(scores)
    if len(scores) > 1:
        result.add_section()
        rows["mean"] = mean_score(list(scores.values()))
    for name, s in rows.items():
        if name == "mean":
            result.add_section()
        result.add_row(
            name,
            str(s.n),
            f"{s.exact:.1f}",
            f"{s.exact_ignoring_case:.1f}",
            f"{s.character_error_rate:.1f}",
            f"{s.mean_confidence:.3f}",
            f"{s.calibration_error:.3f}",
            "" if s.image_ms is None else f"{s.image_ms:.2f}",
        )
    return result
