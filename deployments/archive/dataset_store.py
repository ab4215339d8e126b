"""A dataset and the job that learns from it, stored together."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from deployments.archive.entries import Example
from deployments.blobs import BlobStore
from deployments.errors import StorageError
from deployments.records import (
    CommitUnknownError,
    Database,
    DatasetRecords,
    DatasetRow,
    RetrainRecords,
    RetrainRow,
    RetrainState,
    Source,
)
from deployments.records.rows import new_id

_log = logging.getLogger(__name__)


def store_dataset(
    blobs: BlobStore,
    database: Database,
    examples: Sequence[Example],
    *,
    source: Source,
    debug: bool,
    request_id: str = "",
) -> RetrainRow:
    """Write the folder, then dataset and queued job in one transaction."""
    # pyarrow takes tens of megabytes: only what retrains pays for it.
    from deployments.archive.dataset_folder import delete_dataset, write_dataset  # noqa: PLC0415

    dataset_id = new_id()
    try:
        folder = write_dataset(blobs, dataset_id, examples)
        now = datetime.now(UTC)
        dataset = DatasetRow(
            id=dataset_id,
            created_at=now,
            examples=len(examples),
            key=folder.key,
            sha256=folder.sha256,
            source=source,
        )
        retrain = RetrainRow(
            id=new_id(),
            created_at=now,
            updated_at=now,
            state=RetrainState.QUEUED,
            dataset_id=dataset_id,
            debug=debug,
            request_id=request_id,
        )
        with database.writing() as connection:
            DatasetRecords(connection).insert(dataset)
            RetrainRecords(connection).insert(retrain)
    except CommitUnknownError:
        # The rows may be there: the folder must stay. If they are not, the sweep finds it.
        raise
    except BaseException:
        with suppress(StorageError):
            delete_dataset(blobs, dataset_id)
        raise
    return retrain
