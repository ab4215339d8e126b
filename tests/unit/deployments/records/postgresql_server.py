"""A private PostgreSQL server on a Unix socket, in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

_START_TIMEOUT_S = 30.0
_UNPRIVILEGED = ("postgres", "nobody")


def postgresql_binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``: on PATH, or the newest where Debian puts them."""
    if found := shutil.which("postgres"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return folders[-1].parent if folders else None


@dataclass
class PostgresServer:
    """A cluster of its own, started and stopped at will.

    Attributes:
        binaries: where ``postgres`` lies.
        folder: where its data and its socket lie.
        user: who runs it; PostgreSQL refuses to run as root.
    """

    binaries: Path
    folder: Path
    user: str | None
    _process: subprocess.Popen[bytes] | None = None
    _numbers: "count[int]" = field(default_factory=count)

    def create(self) -> None:
        """Make an empty cluster."""
        command: list[str | Path] = [self.binaries / "initdb", "-D", self.folder / "data", "--no-sync"]
        command += ["-U", "tester", "-A", "trust", "--encoding=UTF8", "--locale=C"]
        subprocess.run(command, user=self.user, check=True, capture_output=True, cwd=self.folder)

    def start(self) -> None:
        """Start it and wait until it answers."""
        command: list[str | Path] = [self.binaries / "postgres", "-D", self.folder / "data", "-k", self.folder]
        command += ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, user=self.user, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """Stop it at once, as a crash would: connections break, nothing is written out."""
        if self._process is not None:
            self._process.send_signal(3)
            self._process.wait()
            self._process = None

    def fresh_url(self) -> str:
        """The URL of a new and empty database."""
        name = f"test{next(self._numbers)}"
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://tester@/{name}?host={self.folder}"

    def _conninfo(self, database: str) -> str:
        return f"host={self.folder} user=tester dbname={database}"


@contextmanager
def running_postgresql(binaries: Path) -> Iterator[PostgresServer]:
    """Start a server, stop it and delete its data at the end."""
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        server = PostgresServer(binaries, folder, user)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _UNPRIVILEGED if name in names)
