"""From what the archive holds to what clients see of it."""

from typing import Any

from deployments.archive import Job, Version
from deployments.ingress.answers import Recognition
from deployments.ingress.learning_answers import Model, Retrain, Serving
from deployments.records import EventRow, RecognitionRow, ServingRow

_OURS = frozenset({"imported"})
"""What the retrainer keeps in a job's progress for itself."""


def shown_recognition(row: RecognitionRow) -> Recognition:
    """A recognition."""
    return Recognition(
        id=row.id,
        created_at=row.created_at,
        source=row.source,
        text=row.text,
        confidence=round(row.confidence, 4),
        character_confidences=[round(c, 4) for c in row.character_confidences],
        model_version=row.model_version,
        corrected_text=row.corrected_text,
        corrected_at=row.corrected_at,
        image=f"/images/{row.id}",
    )


def shown_retrain(job: Job) -> Retrain:
    """A retrain job."""
    row = job.row
    progress = {key: value for key, value in (row.progress or {}).items() if key not in _OURS}
    return Retrain(
        id=row.id,
        state=row.state,
        reason=row.reason,
        debug=row.debug,
        examples=job.examples,
        request_id=row.request_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        queue_position=job.ahead,
        progress=progress or None,
        candidate=row.candidate,
        verdict=dict(row.verdict) if row.verdict else None,
        events=f"/v1/retrains/{row.id}/events",
    )


def shown_event(event: EventRow) -> dict[str, Any]:
    """What happened to a job."""
    return {"at": event.at.isoformat(), **event.data}


def shown_model(version: Version) -> Model:
    """A version of the model."""
    row = version.row
    return Model(
        version=row.version,
        created_at=row.created_at,
        parent=row.parent,
        retrain=f"/v1/retrains/{row.retrain_id}" if row.retrain_id else None,
        metrics=dict(row.metrics),
        serving=version.generation is not None,
        generation=version.generation,
    )


def shown_serving(row: ServingRow) -> Serving:
    """A position of the serving pointer."""
    return Serving(generation=row.generation, version=row.version, since=row.created_at, reason=row.reason)
