"""Where Prometheus finds the metrics of this node and its HAProxies, as its file-based service discovery reads it.

Ray writes such a file too, by a part of its dashboard that a single node does without.
"""

import json
import os

from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import LOOPBACK
from deployments.cluster.state import ClusterState


def write_scrape_targets(paths: ClusterPaths, state: ClusterState) -> None:
    """Write it so that Prometheus, which watches it, never sees half a file."""
    proxies = [port for port in (state.ports.haproxy_metrics, state.ports.standby_metrics) if port]
    content = [
        {"targets": [f"{LOOPBACK}:{port}" for port in ports], "labels": {"job": job}}
        for job, ports in (("glyphserve", [state.ports.metrics]), ("glyphserve-haproxy", proxies))
    ]
    temporary = paths.scrape_targets.with_name(f"{paths.scrape_targets.name}.{os.getpid()}")
    temporary.write_text(json.dumps(content) + "\n", encoding="utf-8")
    temporary.replace(paths.scrape_targets)
