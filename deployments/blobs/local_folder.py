"""Blobs in a local folder, written so that neither a killed process nor a power cut leaves half of one."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from deployments.blobs.backend import BlobInfo

_UNFINISHED = ".part"


class LocalFolder:
    """A folder of files, one a blob.

    Plain system calls instead of pyarrow's local filesystem: that one cannot fsync, and importing it
    costs every ingress replica tens of megabytes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        _make_folder(root)

    def put(self, key: str, data: bytes) -> None:
        """Write a file beside the target, sync it, rename it over the target, sync the folder."""
        target = self._root / key
        unfinished = target.with_name(f"{target.name}.{uuid4().hex}{_UNFINISHED}")
        try:
            try:
                _write_synced(unfinished, data)
            except FileNotFoundError:
                _make_folder(target.parent)
                _write_synced(unfinished, data)
            unfinished.replace(target)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)

    def get(self, key: str, offset: int, length: int | None) -> bytes:
        """Read a range of the file."""
        with (self._root / key).open("rb", buffering=0) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            end = size_bytes if length is None else min(size_bytes, offset + length)
            pieces = []
            while offset < end:
                piece = os.pread(file.fileno(), end - offset, offset)
                if not piece:
                    break
                pieces.append(piece)
                offset += len(piece)
        return b"".join(pieces)

    def delete(self, key: str) -> None:
        """Remove the file; its folder stays, since another process may be about to write there."""
        (self._root / key).unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        return (self._root / key).is_file()

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Walk the folder, without holding more than one name of it."""
        return self._walk(self._root / prefix, unfinished=False)

    def list_unfinished(self, prefix: str) -> Iterator[BlobInfo]:
        """Walk the folder for files that were never renamed."""
        return self._walk(self._root / prefix, unfinished=True)

    def local_path(self, key: str) -> Path:
        """Below the folder."""
        return self._root / key

    def _walk(self, folder: Path, *, unfinished: bool) -> Iterator[BlobInfo]:
        try:
            found = os.scandir(folder)
        except FileNotFoundError:
            return
        with found:
            yield from self._walk_entries(found, unfinished=unfinished)

    def _walk_entries(self, found: Iterator[os.DirEntry[str]], *, unfinished: bool) -> Iterator[BlobInfo]:
        for entry in found:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(path, unfinished=unfinished)
            elif entry.name.endswith(_UNFINISHED) == unfinished:
                with suppress(FileNotFoundError):
                    state = entry.stat()
                    modified_at = datetime.fromtimestamp(state.st_mtime, UTC)
                    yield BlobInfo(str(path.relative_to(self._root)), state.st_size, modified_at)


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        os.fsync(file.fileno())


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    # The new name stands in the parent: without this sync a power cut could take folder and blobs.
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
