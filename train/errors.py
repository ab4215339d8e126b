"""What can go wrong in a training."""

from ocr_model.errors import GlyphserveError


class TrainingError(GlyphserveError):
    """A run cannot start or go on; the message says why and what to do."""


class DivergedError(TrainingError):
    """The loss or the gradients stopped being finite; the last checkpoint is good."""


class DatasetError(TrainingError):
    """A folder of images with labels is missing, empty or malformed."""


class StoreError(TrainingError):
    """A file or folder of the blob store is missing or cannot be read or written."""


class DeadlineError(TrainingError):
    """A retrain did not end in the time that it was given."""
