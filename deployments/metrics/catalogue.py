"""Every metric by name: what operators build dashboards and alerts on, so that names are never changed.

Ray's agent on each node exports them with ``ray_`` before the name; `docs/metrics.md` is made from here.
"""

from dataclasses import dataclass
from enum import StrEnum

EXPORT_PREFIX = "ray_"
"""What Ray puts before the name of every metric."""
SERVE_LABELS = ("application", "deployment", "replica")
"""Labels that Ray Serve adds to each: whose figure it is."""


class Kind(StrEnum):
    """The kinds of metrics, as Prometheus calls them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric.

    Attributes:
        name: without Ray's prefix.
        kind: how it is counted.
        meaning: one sentence, with the unit.
        labels: names of our own labels.
        bounds: upper bounds of a histogram's buckets.
    """

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    @property
    def exported(self) -> str:
        """The name under which Prometheus finds it; a histogram's series add _bucket, _sum and _count."""
        return f"{EXPORT_PREFIX}{self.name}"

    @property
    def series(self) -> tuple[str, ...]:
        """Every name that a query may use."""
        if self.kind is Kind.HISTOGRAM:
            return tuple(f"{self.exported}_{part}" for part in ("bucket", "sum", "count"))
        return (self.exported,)


REQUEST_SECONDS = Metric(
    name="glyphserve_request_duration_seconds",
    kind=Kind.HISTOGRAM,
    meaning="Seconds from a request's arrival at an ingress replica to the end of its answer, by route and HTTP code;"
    " `aborted` where the client left first.",
    labels=("route", "code"),
    bounds=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
)
READS = Metric(
    name="glyphserve_reads_total",
    kind=Kind.COUNTER,
    meaning="Images that were read and stored (`read`), and requests to read that failed, by their status message.",
    labels=("outcome",),
)
CONFIDENCE = Metric(
    name="glyphserve_read_confidence",
    kind=Kind.HISTOGRAM,
    meaning="Confidence (0..1) of every image that was read, by model version.",
    labels=("model_version",),
    bounds=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99),
)
WAITING_IMAGES = Metric(
    name="glyphserve_waiting_images",
    kind=Kind.GAUGE,
    meaning="Images that wait in an ingress replica for a recognizer; past `reading.waiting_images` requests get 429.",
)
BATCH_IMAGES = Metric(
    name="glyphserve_batch_images",
    kind=Kind.HISTOGRAM,
    meaning="Images in each run of the network.",
    bounds=(1, 2, 4, 8, 16, 32, 64, 128),
)
LOOKED_AGAIN = Metric(
    name="glyphserve_looked_again_total",
    kind=Kind.COUNTER,
    meaning="Images that were read with a confidence below `reading.look_again_below` and looked at again.",
)
BATCH_SECONDS = Metric(
    name="glyphserve_batch_duration_seconds",
    kind=Kind.HISTOGRAM,
    meaning="Seconds that a batch takes: decoding its images, the network's run, decoding its output.",
    bounds=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2),
)
MODEL_INFO = Metric(
    name="glyphserve_model_info",
    kind=Kind.GAUGE,
    meaning="1 for the version that a recognizer replica reads with, 0 for those it read with before.",
    labels=("model_version",),
)
MODEL_GENERATION = Metric(
    name="glyphserve_model_generation",
    kind=Kind.GAUGE,
    meaning="Generation of the serving pointer that a recognizer replica follows.",
)
CONFIDENCE_MEAN = Metric(
    name="glyphserve_confidence_rolling_mean",
    kind=Kind.GAUGE,
    meaning="Mean confidence (0..1) of the last 1000 images that a replica read with its version; once it read 100.",
)
CONFIDENCE_EXPECTED = Metric(
    name="glyphserve_confidence_expected",
    kind=Kind.GAUGE,
    meaning="Mean confidence (0..1) of that version on its own held-out images, from its manifest.",
)
RETRAINS = Metric(
    name="glyphserve_retrains",
    kind=Kind.GAUGE,
    meaning="Retrain jobs in the records, by state; of states that end a job the number only grows.",
    labels=("state",),
)
CORRECTIONS = Metric(
    name="glyphserve_corrections",
    kind=Kind.GAUGE,
    meaning="Recognitions that a person has corrected or confirmed, by the version that read them.",
    labels=("model_version",),
)
CORRECTIONS_EXACT = Metric(
    name="glyphserve_corrections_exact",
    kind=Kind.GAUGE,
    meaning="Those of them that the model had read exactly: divided by the number above, its accuracy on corrections.",
    labels=("model_version",),
)
ROLLOUTS = Metric(
    name="glyphserve_rollouts_total",
    kind=Kind.COUNTER,
    meaning="Versions brought to the replicas, by outcome: `done`, or `refused` with nothing switched.",
    labels=("outcome",),
)
ROLLOUT_SECONDS = Metric(
    name="glyphserve_rollout_duration_seconds",
    kind=Kind.HISTOGRAM,
    meaning="Seconds from the order to the last replica that switched.",
    bounds=(0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120),
)

CATALOGUE = (
    READS,
    REQUEST_SECONDS,
    WAITING_IMAGES,
    CONFIDENCE,
    CONFIDENCE_MEAN,
    CONFIDENCE_EXPECTED,
    BATCH_IMAGES,
    BATCH_SECONDS,
    LOOKED_AGAIN,
    MODEL_INFO,
    MODEL_GENERATION,
    CORRECTIONS,
    CORRECTIONS_EXACT,
    RETRAINS,
    ROLLOUTS,
    ROLLOUT_SECONDS,
)
"""All of them, in the order of the documentation."""
