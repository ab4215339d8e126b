"""A meter that keeps what it is told, and refuses what Prometheus would."""

from collections import defaultdict

from deployments.metrics.catalogue import Kind, Metric

Series = tuple[str, tuple[tuple[str, str], ...]]


class RecordedMeter:
    """Counters add up, gauges keep the last value, histograms keep all."""

    def __init__(self) -> None:
        self._counts: dict[Series, float] = defaultdict(float)
        self._values: dict[Series, list[float]] = defaultdict(list)
        self._gauges: dict[Series, float] = {}

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        self._counts[_series(metric, Kind.COUNTER, labels)] += amount

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        self._values[_series(metric, Kind.HISTOGRAM, labels)].append(value)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        self._gauges[_series(metric, Kind.GAUGE, labels)] = value

    def counted(self, metric: Metric, **labels: str) -> float:
        return self._counts[_series(metric, Kind.COUNTER, labels)]

    def observed(self, metric: Metric, **labels: str) -> list[float]:
        return self._values[_series(metric, Kind.HISTOGRAM, labels)]

    def shown(self, metric: Metric, **labels: str) -> float | None:
        return self._gauges.get(_series(metric, Kind.GAUGE, labels))


def _series(metric: Metric, kind: Kind, labels: dict[str, str]) -> Series:
    assert metric.kind is kind
    assert set(labels) == set(metric.labels)
    return metric.name, tuple(sorted(labels.items()))
