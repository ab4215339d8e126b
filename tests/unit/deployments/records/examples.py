"""Rows to store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from deployments.records import DatasetRow, ModelRow, RecognitionRow, RetrainRow, RetrainState, Source
from deployments.records.rows import new_id

NOW = datetime(2026, 11, 22, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-2)))


def recognition(*, confidence: float = 0.5, corrected: str | None = None, pack_key: str = "images/p") -> RecognitionRow:
    """A row with every field set to something that a careless store would change."""
    row = RecognitionRow(
        id=new_id(),
        created_at=NOW,
        request_id="request é 字 '--\"",
        source=Source.URL,
        pack_key=pack_key,
        pack_offset_bytes=2**31 - 1,
        length_bytes=5_000,
        media_type="image/png",
        text="aB3 é字",
        confidence=confidence,
        character_confidences=(0.1, 1.0, 1 / 3),
        model_version="base-1",
    )
    return replace(row, corrected_text=corrected, corrected_at=None if corrected is None else NOW)


def dataset() -> DatasetRow:
    """A dataset's row."""
    new = new_id()
    return DatasetRow(id=new, created_at=NOW, examples=3, key=f"datasets/{new}", sha256="0" * 64, source=Source.UPLOAD)


def retrain(dataset_id: str, *, state: RetrainState = RetrainState.QUEUED) -> RetrainRow:
    """A job's row."""
    return RetrainRow(
        id=new_id(),
        created_at=NOW,
        updated_at=datetime.now(UTC),
        state=state,
        dataset_id=dataset_id,
        debug=True,
        reason="because",
        progress={"epoch": 3, "losses": [0.5, 0.25]},
        verdict=None,
        job_id="raysubmit_1",
        attempts=2,
        candidate="tuned-1",
    )


def model(version: str, *, created_at: datetime = NOW, retrain_id: str | None = None) -> ModelRow:
    """A model's row."""
    return ModelRow(
        version=version,
        created_at=created_at,
        key=f"models/{version}",
        metrics={"held_out/exact": 98.5, "held_out/n": 208},
        parent=None if retrain_id is None else "base-1",
        retrain_id=retrain_id,
        verdict=None if retrain_id is None else {"promoted": True, "examples": ["é字"]},
    )
