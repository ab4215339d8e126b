"""What the processes of a running service listen on, seen from outside."""

import ipaddress
import json

import psutil

from deployments.cluster.cleanup import cluster_processes
from tests.support.cluster import RunningCluster, run_glyphserve


def listening(cluster: RunningCluster) -> set[tuple[int, str, int]]:
    """Process, address and port of every TCP listener and every bound UDP socket."""
    ours = {process.pid for process in cluster_processes(cluster.paths, cluster.state)}
    return {
        (c.pid, c.laddr.ip.removeprefix("::ffff:"), c.laddr.port)
        for c in psutil.net_connections("inet")
        if c.pid in ours and c.laddr and c.status in {psutil.CONN_LISTEN, psutil.CONN_NONE}
    }


def test_every_socket_of_a_service_is_on_loopback_and_shown(service: RunningCluster) -> None:
    found = listening(service)
    assert service.state.port in {port for _, _, port in found}
    assert [one for one in found if not ipaddress.ip_address(one[1]).is_loopback] == []

    code, said = run_glyphserve("status", "--json", data_dir=service.data_dir)
    assert code == 0
    shown = {address for process in json.loads(said)["processes"] for address in process["listens"]}
    assert {f"{ip}:{port}" for _, ip, port in listening(service) & found} <= shown
