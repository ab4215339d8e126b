"""The project's one tree of errors; every room hangs its own branches on it.

GlyphserveError
├── ImageError          an image cannot be read (ocr_model)
├── CheckpointError     a model folder is missing, incomplete or altered (ocr_model)
├── CharsetError        a text holds a character that the model does not know (ocr_model)
├── ConstraintError     a request's restriction can never be met (ocr_model)
├── LabelsError         a folder of labelled images is missing, empty or malformed (ocr_model)
├── DeviceError         a model cannot run on what was asked for (ocr_model)
├── RecognitionError    the model itself failed on a batch (ocr_model)
├── TrainingError       a run cannot start or go on (train.errors)
├── ServiceError        a service refused its client (glyphserve.client.errors)
└── RequestError, ...   what a client is told (deployments.errors)

All of them cross process borders, so each gives every constructor argument to
``Exception.__init__``: that is what pickle calls the class with again.
"""

from enum import StrEnum


class GlyphserveError(Exception):
    """Root of every error that glyphserve raises on purpose."""


class ImageFault(StrEnum):
    """Why bytes could not be taken as an image."""

    EMPTY = "empty"
    NOT_IMAGE = "not_image"
    TOO_LARGE = "too_large"


class ImageError(GlyphserveError):
    """Bytes that are no readable image.

    Args:
        fault: the kind of failure, for the status message.
        detail: one sentence for the client; names the limit that was passed, if any.
    """

    def __init__(self, fault: ImageFault, detail: str) -> None:
        super().__init__(fault, detail)
        self.fault = fault
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


class CheckpointError(GlyphserveError):
    """A model folder is missing, incomplete, altered or of an unknown format."""


class DeviceError(GlyphserveError):
    """A model cannot run on the device that was asked for; the message names the remedy."""


class CharsetError(GlyphserveError):
    """A text holds a character outside the charset, or a charset is malformed."""


class ConstraintError(GlyphserveError):
    """A restriction on the answer contradicts itself or leaves nothing to read."""


class LabelsError(GlyphserveError):
    """A folder of images with labels is missing, empty or malformed; the message names the line."""


class RecognitionError(GlyphserveError):
    """The model's run on a batch failed, through no fault of the images."""
