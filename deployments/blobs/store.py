"""The one door to blobs: keys checked, the fitting backend chosen, failures told as StorageError."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ParamSpec, Self, TypeVar
from urllib.parse import unquote, urlsplit

from deployments.blobs.backend import BlobBackend, BlobInfo
from deployments.blobs.local_folder import LocalFolder
from deployments.errors import StorageError

_log = logging.getLogger(__name__)
_KEY = re.compile(r"[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*")
_P = ParamSpec("_P")
_T = TypeVar("_T")


class BlobStore:
    """Named immutable runs of bytes in a local folder or a pyarrow filesystem. Safe to use from threads.

    Every method raises StorageError when the place cannot be read or written, and ValueError for a key
    that is not lower-case letters, digits, ``. _ -`` and slashes: keys are made by us, never by clients.
    """

    def __init__(self, backend: BlobBackend) -> None:
        self._backend = backend

    @classmethod
    def open(cls, uri: str) -> Self:
        """Open the place that a path, a ``file://`` URI or a pyarrow filesystem URI names."""
        return cls(_told("the blob store could not be opened", _backend, uri))

    def put(self, key: str, data: bytes) -> None:
        """Write a blob durably and whole, or not at all."""
        _told("a blob could not be written", self._backend.put, _checked(key), data)

    def get(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        """Read ``length`` bytes from ``offset``, or all that follow; fewer than asked is an error."""
        data = _told("a blob could not be read", self._backend.get, _checked(key), offset, length)
        if length is not None and len(data) != length:
            _log.error("blob %s ends early: %d of %d bytes at %d", key, len(data), length, offset)
            raise StorageError("a blob could not be read: it ends early")
        return data

    def delete(self, key: str) -> None:
        """Remove a blob; not being there is no error."""
        _told("a blob could not be deleted", self._backend.delete, _checked(key))

    def exists(self, key: str) -> bool:
        """Whether the blob is there."""
        return _told("the blobs could not be read", self._backend.exists, _checked(key))

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Every blob in a folder (a key without closing slash) and below, in no order; none if it is missing."""
        return self._listed(self._backend.list, prefix)

    def list_unfinished(self, prefix: str) -> Iterator[BlobInfo]:
        """What interrupted writes left in a folder and below; ``delete`` removes them."""
        return self._listed(self._backend.list_unfinished, prefix)

    def local_path(self, key: str) -> Path | None:
        """Where a folder lies, if the store is a folder of this machine: for files that others read in place."""
        return self._backend.local_path(_checked(key))

    @staticmethod
    def _listed(source: Callable[[str], Iterator[BlobInfo]], prefix: str) -> Iterator[BlobInfo]:
        blobs = source(_checked(prefix))
        while (blob := _told("the blobs could not be listed", next, blobs, None)) is not None:
            yield blob


def _told(what: str, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Call; a failure of the system becomes a StorageError that says ``what`` and nothing internal."""
    try:
        return call(*args, **kwargs)
    except OSError as e:
        _log.error("%s: %s", what, e)
        raise StorageError(what) from e


def _backend(uri: str) -> BlobBackend:
    scheme, separator, _ = uri.partition("://")
    if not separator:
        return LocalFolder(Path(uri).absolute())
    if scheme == "file":
        parts = urlsplit(uri)
        if parts.netloc not in {"", "localhost"}:
            raise OSError("a file URI must name an absolute path: file:///PATH")
        return LocalFolder(Path(unquote(parts.path)))
    # Only a cluster's replicas pay for pyarrow; see LocalFolder.
    from deployments.blobs.arrow_filesystem import ArrowFilesystem  # noqa: PLC0415

    return ArrowFilesystem(uri)


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a blob key: {key!r}")
    return key
