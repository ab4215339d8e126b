"""Whether the service answers, and how to tell that it never will."""

import re
from typing import Any

import httpx

READY_PATH = "/healthz/ready"
READY_TIMEOUT_S = 180

_FAILED = {"DEPLOY_FAILED", "UNHEALTHY"}
# "ray::ServeReplica:app:X.initialize() (pid=1, ip=...)" and the like say where, not why.
_NOISE = re.compile(r"^(ray::|File |\^+$|The deployment failed)")


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
