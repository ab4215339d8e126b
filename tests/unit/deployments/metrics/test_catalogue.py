"""Names that operators build on: documented, valid, and the only ones that dashboard and alerts use."""

import json
import re
from pathlib import Path

import yaml

from deployments.metrics import reference
from deployments.metrics.catalogue import CATALOGUE, Kind

DOCS = Path(__file__).parents[4] / "docs"
DASHBOARD = DOCS / "monitoring" / "grafana-dashboard.json"
ALERTS = DOCS / "monitoring" / "alerts.yaml"
NAME = re.compile(r"ray_[a-z_]+")


def test_the_documented_metrics_are_the_real_ones() -> None:
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == reference.render()


def test_names_follow_prometheus_conventions() -> None:
    assert len({metric.name for metric in CATALOGUE}) == len(CATALOGUE)
    for metric in CATALOGUE:
        assert re.fullmatch(r"glyphserve_[a-z_]+", metric.name)
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert bool(metric.bounds) == (metric.kind is Kind.HISTOGRAM)
        assert list(metric.bounds) == sorted(set(metric.bounds))


def test_dashboard_and_alerts_name_no_metric_that_is_not_there() -> None:
    known = {series for metric in CATALOGUE for series in metric.series}
    dashboard = expressions(json.loads(DASHBOARD.read_text(encoding="utf-8")))
    alerts = expressions(yaml.safe_load(ALERTS.read_text(encoding="utf-8")))
    assert len(dashboard) > 10
    assert len(alerts) > 5
    assert {name for text in (*dashboard, *alerts) for name in NAME.findall(text)} <= known


def test_the_dashboard_shows_every_metric() -> None:
    shown = " ".join(expressions(json.loads(DASHBOARD.read_text(encoding="utf-8"))))
    assert [metric.exported for metric in CATALOGUE if metric.exported not in shown] == []


def test_every_alert_says_what_to_do() -> None:
    for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            assert {"summary", "remedy"} <= set(rule["annotations"]), rule["alert"]


def expressions(part: object) -> list[str]:
    """Every `expr` anywhere in a dashboard or a file of rules."""
    if isinstance(part, list):
        return [found for item in part for found in expressions(item)]
    if not isinstance(part, dict):
        return []
    own = [part["expr"]] if isinstance(part.get("expr"), str) else []
    return own + [found for item in part.values() for found in expressions(item)]
