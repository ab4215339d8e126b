"""What the service tells a client went wrong: one class per situation that code tells apart.

GlyphserveError (ocr_model.errors)
├── ConfigError              cluster.yaml or an environment variable is wrong (never reaches a client)
├── LifecycleError           the local cluster cannot start or stop (command line only)
├── InputError               a file given to a command cannot be used (command line only)
└── RequestError             carries a Status and one sentence for the client
    ├── UrlNotAllowedError
    ├── LinkUnreachableError
    ├── StorageError
    ├── TooBusyError         with the seconds after which to try again
    ├── TrainingNotStartedError
    ├── RolloutError         a model version did not reach the replicas; nothing was switched
    └── NotReadyError
"""

from deployments.status import Status
from ocr_model.errors import GlyphserveError


class ConfigError(GlyphserveError):
    """A setting is unknown, malformed or out of range; the message names it and its limit."""


class LifecycleError(GlyphserveError):
    """The local cluster cannot be started or stopped; the message names the remedy."""


class InputError(GlyphserveError):
    """A file or folder given to a command cannot be used; the message names it and the remedy."""


class RequestError(GlyphserveError):
    """A request that is answered with a failure.

    Args:
        status: the status message, which also decides the HTTP code.
        detail: one sentence for the client: which field or image, and the limit passed.
        retry_after_s: seconds to wait before trying again, where that helps.
    """

    def __init__(self, status: Status, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(status, detail, retry_after_s)
        self.status = status
        self.detail = detail
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"{self.status}: {self.detail}"


class _SituationError(RequestError):
    """A RequestError whose class fixes the status."""

    situation: Status

    def __init__(self, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(self.situation, detail, retry_after_s)
        self.args = (detail, retry_after_s)


class UrlNotAllowedError(_SituationError):
    """An image URL that the operator's rules refuse."""

    situation = Status.URL_NOT_ALLOWED


class LinkUnreachableError(_SituationError):
    """A URL that gave no image: refused, timed out, answered an error, endless, or looping."""

    situation = Status.LINK_UNREACHABLE


class StorageError(_SituationError):
    """Records or blobs could not be written or read; nothing half-stored remains."""

    situation = Status.STORAGE_FAILED


class TooBusyError(_SituationError):
    """The queue is full."""

    situation = Status.TOO_BUSY


class TrainingNotStartedError(_SituationError):
    """The cluster cannot be asked to train: its Job API is missing, refuses, or does not answer."""

    situation = Status.TRAINING_NOT_STARTED


class RolloutError(_SituationError):
    """A model version that some replica cannot load, or not in time; what was served before still is."""

    situation = Status.ROLLOUT_FAILED


class NotReadyError(_SituationError):
    """No replica with a trained model can answer."""

    situation = Status.NOT_READY
