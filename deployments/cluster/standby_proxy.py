"""A second HAProxy on the service's port, so that the death of Ray's own is no outage.

Ray needs five seconds to notice that HAProxy or its manager died and to start another; nobody could
connect meanwhile. The standby listens on the same port (SO_REUSEPORT: Linux deals new connections
out among the listeners that live), knows the same replicas, and is replaced when Ray's
configuration changes. It belongs to `glyphserve up`; ADR 15 says what it costs.
"""

import logging
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deployments.cluster.haproxy_shim import knows_an_application
from deployments.cluster.paths import ClusterPaths

logger = logging.getLogger(__name__)

_SECTION = re.compile(r"^(?=\S)", re.MULTILINE)
_NOT_OURS = "listen stats"
_PAGE = re.compile(r"^(frontend prometheus\n\s*bind \S+:)\d+", re.MULTILINE)
_SOCKET = re.compile(r"^(\s*stats socket )\S+ mode \d+", re.MULTILINE)
_STATE = re.compile(r"^\s*(server-state-base|server-state-file|load-server-state-from-file) .*\n", re.MULTILINE)


def standby_config(text: str, *, socket: Path, metrics_port: int) -> str:
    """Ray's configuration (as the shim left it) without the pages and files that only one process may have.

    Args:
        text: the configuration.
        socket: for the standby's own commands.
        metrics_port: of the standby's page for Prometheus: what passes through it is counted nowhere else.
    """
    kept = (section for section in _SECTION.split(text) if not section.startswith(_NOT_OURS))
    text = _PAGE.sub(rf"\g<1>{metrics_port}", _STATE.sub("", "".join(kept)))
    return _SOCKET.sub(lambda m: f"{m[1]}{socket} mode 600", text)


class StandbyProxy:
    """The standby of one cluster; ``look`` is called every now and then.

    Args:
        paths: where Ray's HAProxy keeps its files, and where the standby's go.
        program: HAProxy.
        environment: of the cluster's processes, by which the standby is found after a crash.
        metrics_port: of its page for Prometheus.
    """

    def __init__(
        self, paths: ClusterPaths, *, program: Path, environment: Mapping[str, str], metrics_port: int
    ) -> None:
        self._temp_dir = paths.temp_dir
        self._folder = paths.temp_dir / "standby"
        self._program = program
        self._environment = dict(environment)
        self._metrics_port = metrics_port
        self._process: subprocess.Popen[bytes] | None = None
        self._former: list[subprocess.Popen[bytes]] = []
        self._followed = ""

    def look(self) -> None:
        """Start the standby, or replace it, where it died or Ray's configuration changed."""
        self._former = [process for process in self._former if process.poll() is None]
        text = self._current()
        if text is None or (text == self._followed and self._process is not None and self._process.poll() is None):
            return
        try:
            self._start(text)
        except OSError as e:
            logger.warning("the standby proxy did not start: %s", e)
        else:
            self._followed = text

    def close(self) -> None:
        """End it, and those that it replaced."""
        for process in [*self._former, *([] if self._process is None else [self._process])]:
            process.kill()
            process.wait()

    def _current(self) -> str | None:
        for path in self._temp_dir.glob("*/haproxy.cfg"):
            if path.parent != self._folder:
                try:
                    text = path.read_text(encoding="utf-8")
                except OSError:
                    return None
                # As Ray writes it, before the shim was at it, a configuration may know of none.
                return text if knows_an_application(text) else None
        return None

    def _start(self, text: str) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        config = self._folder / "haproxy.cfg"
        new = config.with_name(f"new.{os.getpid()}")
        text = standby_config(text, socket=self._folder / "s", metrics_port=self._metrics_port)
        new.write_text(text, encoding="utf-8")
        new.replace(config)
        former = self._process
        command = [str(self._program), "-db", "-f", str(config)]
        if former is not None and former.poll() is None:
            # Takes the listening socket over, so that no connection under way is lost.
            command += ["-sf", str(former.pid), "-x", str(self._folder / "s")]
            self._former.append(former)
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
