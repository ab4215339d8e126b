"""What crosses the handle between ingress and recognizer: small picklable values, never a Request."""

from dataclasses import dataclass
from typing import Any

from deployments.status import Status
from ocr_model.constraint import Constraint
from ocr_model.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJob:
    """The images of one request.

    Attributes:
        request_id: names the request in the logs of every process it passes.
        images: the files as received, undecoded.
        constraint: what the answers may look like.
    """

    request_id: str
    images: tuple[bytes, ...]
    constraint: Constraint

    @property
    def size_bytes(self) -> int:
        """Bytes of all images together."""
        return sum(map(len, self.images))

    def __reduce__(self) -> tuple[Any, ...]:
        """A dataclass with slots is pickled field by field, in Python: several times as long."""
        return _read_job, (self.request_id, self.images, self.constraint)


def _read_job(request_id: str, images: tuple[bytes, ...], constraint: Constraint) -> ReadJob:
    return ReadJob(request_id=request_id, images=images, constraint=constraint)


@dataclass(frozen=True, slots=True)
class UnreadableImage:
    """One image that could not be read; the others of its request are not concerned.

    Attributes:
        status: what the client is told.
        detail: one sentence for the client.
    """

    status: Status
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """The answers to one ReadJob, index by index.

    Attributes:
        readings: one entry an image.
        model_version: the one model version that read them all.
        replica: tells the replica that read them from the others.
    """

    readings: tuple[Reading | UnreadableImage, ...]
    model_version: str
    replica: str

    def __reduce__(self) -> tuple[Any, ...]:
        """See ``ReadJob``."""
        return _read_result, (self.readings, self.model_version, self.replica)


def _read_result(readings: tuple[Reading | UnreadableImage, ...], model_version: str, replica: str) -> ReadResult:
    return ReadResult(readings=readings, model_version=model_version, replica=replica)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaReport:
    """What a recognizer replica says of itself.

    Attributes:
        replica_id: Serve's name of the replica.
        model_version: the version it reads with.
        generation: of the serving pointer that it follows.
        images_read: images answered since its start.
        fault: why it could not load what the pointer names; empty when all is well.
    """

    replica_id: str
    model_version: str
    generation: int
    images_read: int
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """How a replica fared with loading a version beside the one it reads with.

    Attributes:
        replica_id: Serve's name of the replica.
        model_version: what it was to load.
        fault: why it could not; empty when the version is ready there.
    """

    replica_id: str
    model_version: str
    fault: str = ""
