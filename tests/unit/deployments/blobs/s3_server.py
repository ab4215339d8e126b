"""A real S3 server over HTTP on loopback: moto's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from pyarrow import fs


@dataclass
class S3Server:
    """A running server.

    Attributes:
        port: where it listens on loopback.
    """

    port: int
    _numbers: "count[int]" = field(default_factory=count)

    def fresh_uri(self) -> str:
        """The URI of a folder in a bucket that nobody used before."""
        bucket = f"bucket{next(self._numbers)}"
        options = f"scheme=http&endpoint_override=127.0.0.1:{self.port}&region=us-east-1"
        filesystem, _ = fs.FileSystem.from_uri(f"s3://key:secret@{bucket}?{options}&allow_bucket_creation=true")
        filesystem.create_dir(bucket)
        return f"s3://key:secret@{bucket}/some/folder?{options}"


@contextmanager
def running_s3_server() -> Iterator[S3Server]:
    """Start a server on a free port, stop it at the end."""
    # Takes half a second: only the tests that need it wait for it.
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield S3Server(port)
    finally:
        server.stop()
