"""Waiting until the service answers, or until it is clear that it will not."""

import re
import threading
import time
from typing import Any

import httpx

from deployments.cluster.serve_api import ServeApi
from deployments.errors import LifecycleError

READY_PATH = "/healthz/ready"
READY_TIMEOUT_S = 180
_POLL_S = 0.1
_DETAILS_EVERY = 10  # polls; Serve's own account is dearer than a probe

_FAILED = {"DEPLOY_FAILED", "UNHEALTHY"}
# "ray::ServeReplica:app:X.initialize() (pid=1, ip=...)" and the like say where, not why.
_NOISE = re.compile(r"^(ray::|File |\^+$|The deployment failed)")


def wait_ready(api: ServeApi, *, url: str, application: str, stop: threading.Event) -> None:
    """Return as soon as the service says that it can read, or when ``stop`` is set.

    Raises:
        LifecycleError: the deployment failed, with its cause's last line, or time ran out.
    """
    deadline = time.monotonic() + READY_TIMEOUT_S
    with httpx.Client(base_url=url, timeout=5, trust_env=False) as client:
        polls = 0
        while not stop.wait(_POLL_S):
            if probe(client) == httpx.codes.OK:
                return
            polls += 1
            if polls % _DETAILS_EVERY == 0 and (cause := failure(api.details(), application)):
                raise LifecycleError(f"the service did not start: {cause}")
            if time.monotonic() > deadline:
                raise LifecycleError(f"the service was not ready within {READY_TIMEOUT_S} s")


def probe(client: httpx.Client) -> int | None:
    """The status code of the readiness route, or None if nothing answers."""
    try:
        return client.get(READY_PATH).status_code
    except httpx.HTTPError:
        return None


def failure(details: dict[str, Any], application: str) -> str | None:
    """The last line of why an application failed to deploy; None if it did not fail."""
    found = details.get("applications", {}).get(application)
    if found is None or found["status"] not in _FAILED:
        return None
    messages = [d.get("message", "") for d in found.get("deployments", {}).values() if d["status"] in _FAILED]
    return next((line for m in [*messages, found.get("message", "")] if (line := last_cause(m))), found["status"])


def last_cause(message: str) -> str:
    """The last line of a message with a traceback that names a cause."""
    lines = [line.strip() for line in message.splitlines()]
    return next((line for line in reversed(lines) if line and not _NOISE.match(line)), "")
