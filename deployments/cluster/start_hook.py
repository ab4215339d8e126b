"""What `ray start` leaves out of our head node. Ray calls it by RAY_START_HOOK, in that process."""

from typing import Any

from ray._private import ray_constants, services
from ray._private.parameter import RayParams

# Of ten subprocesses of Ray's dashboard two are used; a further 20 MB and a second of start-up
# of two cores would go into each of the others.
DASHBOARD_MODULES = ("JobHead", "ServeHead")


def trim_head_node(parameters: RayParams, head: bool) -> None:
    """Leave out the client server, the autoscaler's monitor, the log monitor and unused dashboard parts."""
    if not head:
        return
    parameters.ray_client_server_port = None
    parameters.no_monitor = True
    parameters.include_log_monitor = False  # type: ignore[assignment]  # Ray's annotation is wrong
    start = services.start_ray_process

    def start_trimmed(command: list[str], process_type: str, **options: Any) -> Any:  # noqa: ANN401 - Ray's own
        if process_type == ray_constants.PROCESS_TYPE_DASHBOARD:
            command = [*command, f"--modules-to-load={','.join(DASHBOARD_MODULES)}"]
        return start(command, process_type, **options)

    services.start_ray_process = start_trimmed  # type: ignore[assignment]  # passes all else through
