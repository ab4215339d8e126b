"""Where counts and measurements go: to Ray's metrics agent, or nowhere."""

from typing import Any, Protocol

from ray.serve.metrics import Counter, Gauge, Histogram

from deployments.metrics.catalogue import Kind, Metric


class Meter(Protocol):
    """Takes the figures of one process; safe to use from threads, never raises for want of a listener."""

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Put a value into a histogram."""

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Say what a gauge shows from now on."""


class SilentMeter:
    """Takes figures and keeps none: for what runs outside a replica."""

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Keep nothing."""

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Keep nothing."""

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Keep nothing."""


SILENT = SilentMeter()


class RayMeter:
    """Hands figures to Ray, whose agent on each node exports them; made in a Serve replica, whose labels they bear.

    Args:
        metrics: those that this process has figures for.
    """

    def __init__(self, *metrics: Metric) -> None:
        self._counters: dict[Metric, Counter] = {}
        self._gauges: dict[Metric, Gauge] = {}
        self._histograms: dict[Metric, Histogram] = {}
        for m in metrics:
            labels: Any = m.labels  # Ray's annotation allows for one label only
            if m.kind is Kind.COUNTER:
                self._counters[m] = Counter(m.name, m.meaning, labels)
            elif m.kind is Kind.GAUGE:
                self._gauges[m] = Gauge(m.name, m.meaning, labels)
            else:
                self._histograms[m] = Histogram(m.name, m.meaning, list(m.bounds), labels)

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        self._counters[metric].inc(amount, labels)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Put a value into a histogram."""
        self._histograms[metric].observe(value, labels)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Say what a gauge shows from now on."""
        self._gauges[metric].set(value, labels)
