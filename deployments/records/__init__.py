"""Records: what was read, what was given to learn from, and what became of it, in a database."""

from deployments.records.database import CommitUnknownError, Database
from deployments.records.datasets import DatasetRecords
from deployments.records.recognitions import RecognitionRecords
from deployments.records.retrains import RetrainRecords
from deployments.records.rows import DatasetRow, Page, RecognitionRow, RetrainRow, RetrainState, Source

__all__ = [
    "CommitUnknownError",
    "Database",
    "DatasetRecords",
    "DatasetRow",
    "Page",
    "RecognitionRecords",
    "RecognitionRow",
    "RetrainRecords",
    "RetrainRow",
    "RetrainState",
    "Source",
]
