"""What retrainer and training job tell each other: files in the retrain's folder of the blob store.

The job knows no database and the retrainer no torch; both know this folder:

request.json   written here: what to learn from and with which means
events.jsonl   written by the job: one JSON object a line, rewritten whole
candidate/     written by the job: the model folder
verdict.json   written by the job, last: both models' scores and what follows
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deployments.blobs import BlobStore
from deployments.errors import StorageError
from deployments.records import DatasetRow, Event, ModelRow, RetrainRow
from deployments.settings.training import TrainingSettings

logger = logging.getLogger(__name__)

RETRAINS = "retrains"
"""The blob folder of retrain folders."""


class Verdict(BaseModel):
    """How a job ended, as it says itself; what it adds beyond these fields is kept and shown."""

    model_config = ConfigDict(extra="allow", frozen=True)

    format: Literal[1]
    outcome: Literal["promote", "reject"]
    reason: str = Field(max_length=2000)
    candidate_version: str | None = None


class Exchange:
    """The folder of one retrain.

    Args:
        blobs: where it lies.
        blobs_uri: the blob store's URI or path, from which the job reaches it.
        retrain_id: whose it is.
    """

    def __init__(self, blobs: BlobStore, *, blobs_uri: str, retrain_id: str) -> None:
        self._blobs = blobs
        self._uri = blobs_uri
        self.key = f"{RETRAINS}/{retrain_id}"

    @property
    def address(self) -> str:
        """The folder as the job is told it."""
        return below(self._uri, self.key)

    @property
    def candidate_key(self) -> str:
        """The blob folder of the candidate."""
        return f"{self.key}/candidate"

    def write_request(
        self,
        row: RetrainRow,
        *,
        dataset: DatasetRow,
        parent: ModelRow,
        remembered: Sequence[DatasetRow],
        settings: TrainingSettings,
    ) -> None:
        """Say what to learn from, what the parent has learnt before, and with which means."""
        request = {
            "format": 1,
            "retrain_id": row.id,
            "request_id": row.request_id,
            "dataset": below(self._uri, dataset.key),
            "dataset_sha256": dataset.sha256,
            "parent": {"version": parent.version, "folder": below(self._uri, parent.key)},
            "remembered": [
                {"dataset": below(self._uri, earlier.key), "dataset_sha256": earlier.sha256} for earlier in remembered
            ],
            "debug": row.debug,
            **settings.model_dump(exclude={"enabled", "attempts", "poll_s"}),
        }
        self._blobs.put(f"{self.key}/request.json", json.dumps(request, indent=1).encode())

    def parent(self) -> str:
        """The version that the request named as parent; empty if there is no request yet."""
        if not self._blobs.exists(f"{self.key}/request.json"):
            return ""
        request = json.loads(self._blobs.get(f"{self.key}/request.json"))
        return str(request["parent"]["version"])

    def events(self) -> list[Event]:
        """What the job told so far, in order; a line that is no event is left out."""
        key = f"{self.key}/events.jsonl"
        if not self._blobs.exists(key):
            return []
        events = []
        for line in self._blobs.get(key).splitlines():
            try:
                event = json.loads(line)
                at, kind = datetime.fromisoformat(event.pop("at")), str(event.pop("kind"))
            except (ValueError, KeyError, TypeError, AttributeError):
                logger.warning("not an event: %.100r", line)
                continue
            events.append(Event(at=at, kind=kind[:16], data=event))
        return events

    def verdict(self) -> Verdict:
        """How the job ended.

        Raises:
            StorageError: it cannot be read.
            ValueError: it is missing or malformed.
        """
        key = f"{self.key}/verdict.json"
        if not self._blobs.exists(key):
            raise ValueError("the job ended without a verdict")
        try:
            return Verdict.model_validate_json(self._blobs.get(key))
        except ValidationError as e:
            raise ValueError("the job's verdict is malformed") from e

    def candidate_manifest(self) -> Mapping[str, Any]:
        """The candidate's manifest, unchecked: replicas check it when they load it.

        Raises:
            ValueError: it is missing or malformed.
        """
        try:
            manifest: dict[str, Any] = json.loads(self._blobs.get(f"{self.candidate_key}/manifest.json"))
            return {"version": manifest["version"], "metrics": manifest["metrics"], "created": manifest["created"]}
        except (StorageError, KeyError, TypeError, ValueError) as e:
            raise ValueError("the job's candidate has no readable manifest") from e


def below(uri: str, key: str) -> str:
    """The address of a key below a store's URI, whose query (an S3 region, say) stays at the end."""
    path, question, query = uri.partition("?")
    return f"{path.rstrip('/')}/{key}{question}{query}"
