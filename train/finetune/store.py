"""Folders in the blob store, local or behind any filesystem that pyarrow knows by URI."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from pyarrow import ArrowException
from pyarrow import fs as arrow

from train.errors import StoreError


class Folder:
    """A folder; what is put there appears whole or not at all. Made by `Folder.at`.

    Args:
        filesystem: where it lies.
        path: its path there.
    """

    def __init__(self, filesystem: arrow.FileSystem, path: str) -> None:
        self.filesystem = filesystem
        self.path = path.rstrip("/")

    @classmethod
    def at(cls, place: str) -> "Folder":
        """Find the folder at a local path or URI (``file://``, ``s3://``, ...); it need not exist.

        Raises:
            StoreError: there is no such place.
        """
        if "://" not in place:
            return cls(arrow.LocalFileSystem(), str(Path(place).absolute()))
        try:
            return cls(*arrow.FileSystem.from_uri(place))
        except (ArrowException, OSError) as e:
            raise StoreError(f"The folder {place} cannot be reached.") from e

    @property
    def local(self) -> Path | None:
        """Its local path; None if it is elsewhere."""
        return Path(self.path) if isinstance(self.filesystem, arrow.LocalFileSystem) else None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    def child(self, name: str) -> "Folder":
        """Give a folder within this one."""
        return Folder(self.filesystem, f"{self.path}/{name}")

    def read(self, name: str) -> bytes:
        """Read a file.

        Raises:
            StoreError: it is missing or cannot be read.
        """
        try:
            with self.filesystem.open_input_file(f"{self.path}/{name}") as file:
                return bytes(file.read())
        except OSError as e:
            raise StoreError(f"The file {self.name}/{name} is missing or cannot be read.") from e

    def exists(self, name: str) -> bool:
        """Whether there is such a file.

        Raises:
            StoreError: the store does not say.
        """
        try:
            return bool(self.filesystem.get_file_info(f"{self.path}/{name}").type == arrow.FileType.File)
        except OSError as e:
            raise StoreError(f"The folder {self.name} cannot be looked at.") from e

    def put(self, name: str, data: bytes) -> None:
        """Write a file, over an older one if there is one.

        Raises:
            StoreError: it could not be written; an older one is untouched.
        """
        try:
            if self.local is not None:
                _put_locally(self.local / name, data)
                return
            with self.filesystem.open_output_stream(f"{self.path}/{name}") as stream:
                stream.write(data)
        except OSError as e:
            raise StoreError(f"The file {self.name}/{name} could not be written.") from e

    def fetch(self, target: Path) -> Path:
        """Give a local folder with the same files: this one, or ``target`` after a download.

        Raises:
            StoreError: a file cannot be read.
        """
        if self.local is not None:
            return self.local
        target.mkdir(parents=True, exist_ok=True)
        try:
            found = self.filesystem.get_file_info(arrow.FileSelector(self.path))
        except OSError as e:
            raise StoreError(f"The folder {self.name} is missing or cannot be read.") from e
        for info in found:
            if info.type == arrow.FileType.File:
                _put_locally(target / info.base_name, self.read(info.base_name))
        return target

    def remove(self) -> None:
        """Remove the folder and all that is in it; no error if there is none or it cannot be removed."""
        with suppress(OSError):
            self.filesystem.delete_dir(self.path)


def _put_locally(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
