"""What clients receive of the service as a whole: its traffic, queues and replicas."""

from typing import Self

from pydantic import BaseModel, Field

from deployments.ingress.traffic import WINDOW_S, TrafficReport
from deployments.protocol import ReplicaReport


class ReadingTraffic(BaseModel):
    """Requests on the two reading routes in the last minute, of the ingress replica that answers."""

    window_s: int = Field(description="Length of the window in seconds.", examples=[WINDOW_S])
    per_second: list[int] = Field(description="Requests that ended in each second, the oldest first.")
    requests: int = Field(description="Their sum.")
    refused: int = Field(description="Requests answered with 4xx.")
    failed: int = Field(description="Requests answered with 5xx, or not at all.")
    p50_ms: float | None = Field(description="Half were answered within so many milliseconds; null without requests.")
    p90_ms: float | None = Field(description="Nine tenths.")
    p99_ms: float | None = Field(description="All but a hundredth.")

    @classmethod
    def of(cls, report: TrafficReport) -> Self:
        """As counted."""
        p50, p90, p99 = (report.quantile_ms(share) for share in (0.5, 0.9, 0.99))
        return cls(
            window_s=WINDOW_S,
            per_second=list(report.per_second),
            requests=report.requests,
            refused=report.refused,
            failed=report.failed,
            p50_ms=_rounded(p50),
            p90_ms=_rounded(p90),
            p99_ms=_rounded(p99),
        )


class Replica(BaseModel):
    """A recognizer replica."""

    id: str = Field(description="Serve's name of it.")
    model_version: str = Field(description="Version that it reads with.")
    generation: int = Field(description="Generation of the serving pointer that it follows.")
    images_read: int = Field(description="Since it started.")
    fault: str = Field(description="Why it cannot follow the pointer; empty when all is well.")

    @classmethod
    def of(cls, report: ReplicaReport) -> Self:
        """As it says of itself."""
        return cls(
            id=report.replica_id,
            model_version=report.model_version,
            generation=report.generation,
            images_read=report.images_read,
            fault=report.fault,
        )


class RequestBounds(BaseModel):
    """Limits that a client may want to know beforehand."""

    label_characters: int = Field(description="Longest label.")
    image_bytes: int = Field(description="Largest image.")
    images_per_request: int = Field(description="Most images of one POST /captcha_image.")
    page_rows: int = Field(description="Most rows in one page of a listing.")
    min_examples: int = Field(description="Fewest different images that a model is trained on.")


class ServiceStatus(BaseModel):
    """The service now."""

    version: str = Field(description="Of glyphserve.")
    may_write: bool = Field(description="Whether the key sent along, or none, may change things.")
    needs_key: bool = Field(description="Whether changing things takes an admin key.")
    traffic: ReadingTraffic
    haproxy_refused: int | None = Field(
        description="Requests to read that HAProxy itself refused in the last minute, of which the traffic knows "
        "nothing, as far as somebody asked for this meanwhile; null where HAProxy is not the service's own."
    )
    waiting_images: int = Field(description="Images that wait in the ingress replica that answers.")
    replicas: list[Replica] = Field(description="Recognizer replicas that answer.")
    corrections: int = Field(description="Recognitions that a person has corrected.")
    retrains_queued: int = Field(description="Retrain jobs that wait for their turn.")
    trains: bool = Field(description="Whether retrain jobs are trained, or only taken in.")
    limits: RequestBounds


def _rounded(value_ms: float | None) -> float | None:
    return None if value_ms is None else round(value_ms, 1)
