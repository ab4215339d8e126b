"""What one `glyphserve up` leaves in the data folder for the other commands and the next start."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from deployments.cluster.ports import LOOPBACK, NodePorts

FORMAT = 1


class ClusterState(BaseModel):
    """A cluster that was started and not yet cleaned up after."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = Field(default=FORMAT, ge=FORMAT, le=FORMAT, description="Layout of this file.")
    run_id: str = Field(description="Marks every process of this run, in its environment.")
    supervisor_pid: int = Field(description="The `glyphserve up` that watches the cluster.")
    session_id: int | None = Field(default=None, description="The POSIX session that `ray start` opened.")
    session_leader_started_s: float | None = Field(
        default=None, description="When that session opened (seconds since the epoch)."
    )
    ready: bool = Field(default=False, description="Whether the service has answered that it is ready.")
    host: str = Field(description="Address the service listens on.")
    port: int = Field(description="TCP port the service listens on.")
    ports: NodePorts = Field(description="Ray's own ports on this machine.")
    token_path: Path = Field(description="File with the cluster's token.")
    temp_dir: Path = Field(description="Ray's temporary folder.")
    started_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC), description="When `up` began.")

    @property
    def url(self) -> str:
        """Where a client on this machine reaches the service."""
        return service_url(self.host, self.port)

    @property
    def dashboard_url(self) -> str:
        """Where Ray's own API answers, given the token."""
        return f"http://127.0.0.1:{self.ports.dashboard}"

    @property
    def metrics_url(self) -> str:
        """Where Prometheus finds this node's metrics."""
        return f"http://{LOOPBACK}:{self.ports.metrics}/metrics"

    def save(self, path: Path) -> None:
        """Write it so that a reader sees the old or the new file, never half of one."""
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> "ClusterState | None":
        """The state in a file; None if there is none or another release wrote it."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValidationError):
            return None


def service_url(host: str, port: int) -> str:
    """The URL that reaches a listening address from this machine."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}[host]  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def new_token(path: Path) -> str:
    """Write a fresh 256-bit token that only this user can read, and return it."""
    token = secrets.token_hex(32)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token)
    return token
