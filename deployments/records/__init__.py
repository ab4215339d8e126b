"""Records: what was read, what was given to learn from, what became of it, and which model serves, in a database."""

from deployments.records.database import CommitUnknownError, Database
from deployments.records.datasets import DatasetRecords
from deployments.records.models import ModelRecords
from deployments.records.recognitions import RecognitionRecords
from deployments.records.retrain_events import RetrainEventRecords
from deployments.records.retrains import RetrainRecords
from deployments.records.rows import (
    DatasetRow,
    Event,
    EventRow,
    ModelRow,
    Page,
    RecognitionRow,
    RetrainRow,
    ServingRow,
    Source,
)
from deployments.records.serving import ServingRecords
from deployments.retrain_state import RetrainState

__all__ = [
    "CommitUnknownError",
    "Database",
    "DatasetRecords",
    "DatasetRow",
    "Event",
    "EventRow",
    "ModelRecords",
    "ModelRow",
    "Page",
    "RecognitionRecords",
    "RecognitionRow",
    "RetrainEventRecords",
    "RetrainRecords",
    "RetrainRow",
    "RetrainState",
    "ServingRecords",
    "ServingRow",
    "Source",
]
