"""What a place that keeps blobs must do, and what it says about one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """One blob as listed.

    Attributes:
        key: its name, slashes between folders.
        size_bytes: its length.
        modified_at: when it was written, UTC.
    """

    key: str
    size_bytes: int
    modified_at: datetime


class BlobBackend(Protocol):
    """A place for blobs. Raises OSError (pyarrow's errors that are none count too) and nothing else."""

    def put(self, key: str, data: bytes) -> None:
        """Write durably and whole, or not at all; replaces what was there."""

    def get(self, key: str, offset: int, length: int | None) -> bytes:
        """Bytes from ``offset``, at most ``length``; FileNotFoundError when there is no such blob."""

    def delete(self, key: str) -> None:
        """Remove; not being there is no error."""

    def exists(self, key: str) -> bool:
        """Whether the blob is there."""

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Every blob in the folder ``prefix`` and below."""

    def list_unfinished(self, prefix: str) -> Iterator[BlobInfo]:
        """What interrupted writes left behind in the folder ``prefix`` and below."""

    def local_path(self, key: str) -> Path | None:
        """The path of a key on this machine's disk; None if it is not there."""
