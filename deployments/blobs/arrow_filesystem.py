"""Blobs in whatever pyarrow reaches by URI: S3 and its likes, Google Cloud Storage, HDFS."""

from collections.abc import Iterator
from datetime import UTC, datetime

from pyarrow import ArrowException
from pyarrow import fs as arrow

from deployments.blobs.backend import BlobInfo


class ArrowFilesystem:
    """A folder of objects behind a pyarrow filesystem; an object appears whole or not at all.

    Args:
        uri: as ``pyarrow.fs.FileSystem.from_uri`` reads it; S3 options go into its query
            (``region``, ``scheme``, ``endpoint_override``, ...); with ``allow_bucket_creation=true`` a bucket
            that is missing is made.
    """

    def __init__(self, uri: str) -> None:
        if uri.startswith("s3://") and "allow_delayed_open" not in uri:
            # One request an object instead of three: small objects need no multipart upload.
            uri += f"{'&' if '?' in uri else '?'}allow_delayed_open=true"
        try:
            self._filesystem, root = arrow.FileSystem.from_uri(uri)
        except ArrowException as e:
            raise OSError(*e.args) from e
        self._root = root.rstrip("/")
        if not self._root:
            raise OSError("the URI names no bucket")
        if "allow_bucket_creation=true" in uri:
            self._filesystem.create_dir(self._root.partition("/")[0], recursive=False)

    def put(self, key: str, data: bytes) -> None:
        """Upload; closing the stream makes the object appear."""
        with self._filesystem.open_output_stream(self._path(key), buffer_size=None) as stream:
            stream.write(data)

    def get(self, key: str, offset: int, length: int | None) -> bytes:
        """Read a range, one request."""
        with self._filesystem.open_input_file(self._path(key)) as file:
            count = max(0, file.size() - offset) if length is None else length
            return bytes(file.read_at(count, offset))

    def delete(self, key: str) -> None:
        """Remove the object."""
        try:
            self._filesystem.delete_file(self._path(key))
        except FileNotFoundError:
            return

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        info = self._filesystem.get_file_info(self._path(key))
        return bool(info.type == arrow.FileType.File)

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """List the folder."""
        selector = arrow.FileSelector(self._path(prefix), allow_not_found=True, recursive=True)
        found = self._filesystem.get_file_info(selector)
        for info in found:
            if info.type == arrow.FileType.File:
                key = info.path[len(self._root) + 1 :]
                yield BlobInfo(key, info.size, (info.mtime or datetime.now(UTC)).astimezone(UTC))

    def list_unfinished(self, prefix: str) -> Iterator[BlobInfo]:  # noqa: ARG002
        """Nothing: an interrupted upload is no object, the store's own rules expire it."""
        yield from ()

    def local_path(self, key: str) -> None:  # noqa: ARG002
        """Elsewhere."""
        return

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}".rstrip("/")
