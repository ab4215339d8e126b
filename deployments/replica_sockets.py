"""Where a Serve replica listens for its sister replicas."""

import functools
import logging
from typing import Any

from ray.serve._private import replica
from ray.util import get_node_ip_address

from deployments.settings.access import is_loopback

logger = logging.getLogger(__name__)

_EVERYWHERE = "[::]:0"
_LOOPBACK = "127.0.0.1:0"


def listen_on_loopback() -> None:
    """Keep this replica's gRPC port on loopback where its whole cluster is. Call it in a deployment's constructor.

    Ray 2.60 binds that port to all interfaces and offers no setting. It does so after the constructor,
    through a function that is replaced here; on a node that others reach nothing is changed. Should
    another Ray no longer have that function, the port stays as Ray wants it, and the test of all sockets fails.
    """
    if not is_loopback(str(get_node_ip_address())):  # type: ignore[no-untyped-call]
        return
    add_port = getattr(replica, "add_port_to_grpc_server", None)
    if add_port is None:
        logger.warning("this Ray binds the replica's port as it likes")
        return

    @functools.wraps(add_port)
    def add_port_on_loopback(server: Any, address: str) -> Any:  # noqa: ANN401 - Ray's own
        return add_port(server, _LOOPBACK if address == _EVERYWHERE else address)

    replica.add_port_to_grpc_server = add_port_on_loopback  # type: ignore[attr-defined]
