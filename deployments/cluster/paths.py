"""Where one local cluster keeps its files."""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deployments.errors import LifecycleError

# Linux takes 107 bytes for a unix socket's path. HAProxy needs the most below our folder:
# "/" + node id (56) + "/s" + ".<pid>.tmp" while it binds; Ray needs up to 72.
SOCKET_PATH_LIMIT_BYTES = 107
_LONGEST_TAIL_BYTES = 1 + 56 + 2 + 12


@dataclass(frozen=True, kw_only=True)
class ClusterPaths:
    """The files of the cluster that belongs to one data folder.

    Attributes:
        data_dir: the data folder, absolute.
        temp_dir: Ray's sessions and all unix sockets; outside the data folder, because a
            socket's path may be at most 107 bytes long.
    """

    data_dir: Path
    temp_dir: Path

    @classmethod
    def of(cls, data_dir: Path) -> "ClusterPaths":
        """The paths that belong to a data folder; nothing is created."""
        data_dir = data_dir.expanduser().resolve()
        name = f"glyphserve-{os.getuid()}-{folder_key(data_dir)}"
        temp_dir = Path(tempfile.gettempdir()) / name
        if len(os.fsencode(temp_dir)) + _LONGEST_TAIL_BYTES > SOCKET_PATH_LIMIT_BYTES:
            temp_dir = Path("/tmp") / name  # noqa: S108 - prepare() refuses a folder that is not ours alone
        return cls(data_dir=data_dir, temp_dir=temp_dir)

    @property
    def state(self) -> Path:
        """What is known of the running cluster (JSON)."""
        return self.data_dir / "cluster.json"

    @property
    def lock(self) -> Path:
        """Locked while `glyphserve up` lives; the kernel frees it however that ends."""
        return self.data_dir / "cluster.lock"

    @property
    def token(self) -> Path:
        """The secret that Ray asks of everyone who connects to this cluster."""
        return self.data_dir / "cluster.token"

    @property
    def log(self) -> Path:
        """What a detached `glyphserve up` has to say."""
        return self.data_dir / "cluster.log"

    @property
    def scrape_targets(self) -> Path:
        """Where Prometheus finds the node's metrics (JSON, for file_sd_configs)."""
        return self.data_dir / "prometheus-targets.json"

    @property
    def start_log(self) -> Path:
        """What `ray start` had to say."""
        return self.temp_dir / "ray-start.log"

    @property
    def deploy_log(self) -> Path:
        """What the deployer had to say."""
        return self.temp_dir / "deploy.log"

    @property
    def proxy_program(self) -> Path:
        """The program that Ray starts as HAProxy."""
        return self.temp_dir / "haproxy"

    def prepare(self) -> None:
        """Create both folders, for this user alone.

        Raises:
            LifecycleError: a folder cannot be created, or the temporary one is somebody else's.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self.temp_dir.mkdir(mode=0o700, exist_ok=True)
            found = self.temp_dir.lstat()
        except OSError as e:
            raise LifecycleError(f"cannot create {e.filename}: {e.strerror}") from e
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise LifecycleError(f"{self.temp_dir} belongs to somebody else: remove it or set TMPDIR")
        self.temp_dir.chmod(0o700)


def folder_key(data_dir: Path) -> str:
    """Eight hexadecimal digits that stand for a data folder."""
    return hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:8]
