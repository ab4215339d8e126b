"""Free TCP ports for Ray's own parts, and who holds one that is not free."""

import errno
import random
import socket
from dataclasses import dataclass

import psutil
from pydantic import BaseModel, ConfigDict, Field

LOOPBACK = "127.0.0.1"

# Below the range from which Linux hands out ports to outgoing connections (32768): of those, one that was free when
# it was chosen may be taken by the time that HAProxy binds it.
_RANGE = range(20_000, 32_000)
REPLICA_PORTS = 100
_BLOCK = 120


class NodePorts(BaseModel):
    """The ports that must be known before the node starts; Ray picks the others itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gcs: int = Field(description="Ray's Global Control Service.")
    dashboard: int = Field(description="Ray's dashboard: Serve's REST API and Ray Jobs.")
    dashboard_metrics: int = Field(description="The dashboard's own metrics.")
    fallback_proxy: int = Field(description="Serve's Python proxy, used while no ingress replica runs.")
    metrics: int = Field(description="The node's Prometheus page: the service's, Serve's and Ray's metrics.")
    haproxy_stats: int = Field(description="HAProxy's statistics page.")
    haproxy_metrics: int = Field(description="HAProxy's Prometheus page.")
    standby_metrics: int = Field(default=0, description="That of the standby HAProxy; 0: it has none.")
    first_replica: int = Field(description=f"First of {REPLICA_PORTS} ports for ingress replicas.")

    @property
    def haproxy_pages(self) -> list[str]:
        """Where the HAProxies of the service say, for Prometheus, what passed through them."""
        ports = (self.haproxy_metrics, self.standby_metrics)
        return [f"http://{LOOPBACK}:{port}/metrics" for port in ports if port]


@dataclass(frozen=True, kw_only=True)
class PortHolder:
    """A process that listens on a port; pid and name are None if it is another user's."""

    pid: int | None
    name: str | None

    def __str__(self) -> str:
        return "a process of another user" if self.pid is None else f"process {self.pid} ({self.name})"


def choose_ports() -> NodePorts:
    """Pick free loopback ports, all different and side by side."""
    names = [name for name in NodePorts.model_fields if name != "first_replica"]
    first = _free_block()
    singles = {name: port for port, name in enumerate(names, start=first + REPLICA_PORTS)}
    return NodePorts(first_replica=first, **singles)


def _free_block() -> int:
    starts = list(range(_RANGE.start, _RANGE.stop - _BLOCK + 1, _BLOCK))
    random.shuffle(starts)
    taken = {c.laddr.port for c in psutil.net_connections("tcp") if c.laddr}
    return next(s for s in starts if taken.isdisjoint(range(s, s + _BLOCK)))


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now; connections still closing do not count.

    Raises:
        OSError: the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
            s.listen()
        except OSError as e:
            if e.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def holder_of(port: int) -> PortHolder | None:
    """The process that listens on a port of this machine, or None if none can be seen."""
    for c in psutil.net_connections("tcp"):
        if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port:
            if c.pid is None:
                return PortHolder(pid=None, name=None)
            try:
                return PortHolder(pid=c.pid, name=psutil.Process(c.pid).name())
            except psutil.NoSuchProcess:
                continue
    return None
