"""`glyphserve up --detach`: the same supervisor, in a session of its own."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from deployments.cli.options import cluster_paths
from deployments.cluster.node import last_line
from deployments.cluster.state import ClusterState
from deployments.errors import LifecycleError

_POLL_S = 0.1
_PREFIX = "error: "


def start_detached(config: Path, *, stop: threading.Event, on_ready: Callable[[ClusterState], None]) -> None:
    """Start `glyphserve up` in the background and wait until it is ready.

    Host and port travel in the environment. If the wait is cut short, so is the start.

    Raises:
        LifecycleError: it ended instead; the message is its own.
    """
    paths = cluster_paths(config)
    paths.prepare()
    with paths.log.open("wb") as log:
        supervisor = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "deployments.cli.main", "up", f"--config={config}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    while supervisor.poll() is None:
        state = ClusterState.load(paths.state)
        if state is not None and state.ready and state.supervisor_pid == supervisor.pid:
            on_ready(state)
            return
        if stop.wait(_POLL_S):
            supervisor.terminate()
            supervisor.wait()
            return
    raise LifecycleError(last_line(paths.log).removeprefix(_PREFIX))
