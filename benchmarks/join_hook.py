"""Lets a second node join a cluster that keeps to 127.0.0.1. Ray calls it by RAY_START_HOOK, in `ray start`.

Ray's switch for such a cluster (RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0) makes `ray start` refuse to join one, and
without it `ray start` takes 127.0.0.1 for this machine's address outside.
"""

from ray._private import ray_constants, services
from ray._private.parameter import RayParams


def join_on_loopback(parameters: RayParams, head: bool) -> None:
    """Pass the refusal, and leave the address as it was given."""
    del parameters, head
    ray_constants.ENABLE_RAY_CLUSTER = True
    services.resolve_ip_for_localhost = lambda host: host
