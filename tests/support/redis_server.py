"""A private Redis on loopback that keeps nothing on disk."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.own_service import free_port


@contextmanager
def running_redis() -> Iterator[str]:
    """Its address for as long as the block runs; skips the test where Redis is not installed."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("Redis is not installed (apt-get install redis-server)")
    port = free_port()
    command = [binary, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert any("Ready to accept connections" in line for line in server.stdout), "Redis ended"
        yield f"127.0.0.1:{port}"
    finally:
        server.kill()
        server.communicate()
