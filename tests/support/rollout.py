"""A running service's replicas: their processes, what they serve, and how to make them serve another version."""

import json

import httpx
import psutil

from tests.support.cluster import RunningCluster
from tests.support.images import png_base64

READ = {"image_base64": png_base64()}
BODIES = [json.dumps({"image_base64": png_base64(str(number))}).encode() for number in range(10, 42)]


def replicas(cluster: RunningCluster, name: str = "ServeReplica:glyphserve:Recognizer") -> list[psutil.Process]:
    """The processes of a deployment's replicas."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        command = " ".join(process.info["cmdline"] or ())
        if name in command and (process.info["environ"] or {}).get("GLYPHSERVE_RUN_ID") == cluster.run_id:
            found.append(process)
    return found


def activate(cluster: RunningCluster, version: str) -> httpx.Response:
    return httpx.post(f"{cluster.base_url}/v1/models/{version}/activate", timeout=60)


def served(cluster: RunningCluster, count: int) -> set[str]:
    """Versions that answer now, asked often enough to meet every replica."""
    with httpx.Client(base_url=cluster.base_url, timeout=30) as client:
        reports = [client.get("/healthz/ready") for _ in range(8 * count)]
    return {report.json().get("model_version", "") for report in reports}
