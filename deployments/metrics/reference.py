"""docs/metrics.md, made from the catalogue: `python -m deployments.metrics.reference`."""

import sys

from deployments.cluster.haproxy_shim import REFUSED
from deployments.metrics.catalogue import CATALOGUE, SERVE_LABELS, Metric

_INTRODUCTION = """# Metrics

Ray's agent on each node exports these for Prometheus, beside Ray's and Serve's own;
[operating it](operate.md#watching-it) says where. Their names do not change between releases. Each bears the labels
{labels} (whose figure it is) besides its own; a histogram's series end in `_bucket`, `_sum` and `_count`.

*Made by `python -m deployments.metrics.reference`; a test keeps it true.*

| metric | kind | labels | meaning |
|---|---|---|---|"""

_HAPROXY = f"""
What HAProxy refuses by itself (429, `limits.requests_at_once`) no replica sees; its own page counts it, as
`haproxy_backend_http_responses_total{{proxy="{REFUSED}",code="4xx"}}`, from HAProxy's start on. `glyphserve up` has two
HAProxies share the port, each with a page of its own; `prometheus-targets.json` names both, under the job
`glyphserve-haproxy`, `glyphserve status` adds them up, and `/v1/status` and the console tell the last minute's.
"""


def render() -> str:
    """The whole page, in Markdown."""
    introduction = _INTRODUCTION.format(labels=", ".join(f"`{label}`" for label in SERVE_LABELS))
    return "\n".join([introduction, *map(_row, CATALOGUE), _HAPROXY])


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    bounds = f" Buckets up to {', '.join(f'{bound:g}' for bound in metric.bounds)}." if metric.bounds else ""
    return f"| `{metric.exported}` | {metric.kind} | {labels} | {metric.meaning}{bounds} |"


if __name__ == "__main__":
    sys.stdout.write(render())
