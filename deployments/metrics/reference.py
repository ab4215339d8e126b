"""docs/metrics.md, made from the catalogue: `python -m deployments.metrics.reference`."""

import sys

from deployments.metrics.catalogue import CATALOGUE, SERVE_LABELS, Metric

_INTRODUCTION = """# Metrics

Ray's agent on each node exports these for Prometheus, beside Ray's and Serve's own;
[operating it](operate.md#watching-it) says where. Their names do not change between releases. Each bears the labels
{labels} (whose figure it is) besides its own; a histogram's series end in `_bucket`, `_sum` and `_count`.

*Made by `python -m deployments.metrics.reference`; a test keeps it true.*

| metric | kind | labels | meaning |
|---|---|---|---|"""


def render() -> str:
    """The whole page, in Markdown."""
    introduction = _INTRODUCTION.format(labels=", ".join(f"`{label}`" for label in SERVE_LABELS))
    return "\n".join([introduction, *map(_row, CATALOGUE), ""])


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    bounds = f" Buckets up to {', '.join(f'{bound:g}' for bound in metric.bounds)}." if metric.bounds else ""
    return f"| `{metric.exported}` | {metric.kind} | {labels} | {metric.meaning}{bounds} |"


if __name__ == "__main__":
    sys.stdout.write(render())
