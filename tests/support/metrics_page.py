"""What Ray's agent tells Prometheus of a running cluster."""

import json

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.support.cluster import RunningCluster


def metrics_page(cluster: RunningCluster, *, of: str) -> str:
    """The lines of the page that hold ``of``: the whole is a megabyte, which would take longer to parse than to get."""
    [target, _] = json.loads(cluster.paths.scrape_targets.read_text(encoding="utf-8"))
    page = httpx.get(f"http://{target['targets'][0]}/metrics").raise_for_status().text
    return "".join(line for line in page.splitlines(keepends=True) if of in line)


def total(cluster: RunningCluster, name: str, *, deployment: str) -> float:
    """The sum of a metric over the replicas of a deployment, as old as its last export (10 s at most)."""
    families = text_string_to_metric_families(metrics_page(cluster, of=name))
    samples = [s for family in families for s in family.samples if s.name == name]
    return sum(s.value for s in samples if s.labels.get("deployment") == deployment)
