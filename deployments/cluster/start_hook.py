"""What `ray start` does otherwise for our head node. Ray calls it by RAY_START_HOOK, in that process."""

import threading
from typing import Any

from ray._private import ray_constants, services
from ray._private.node import Node
from ray._private.parameter import RayParams

# Of ten subprocesses of Ray's dashboard three are used; a further 20 MB and a second of start-up
# of two cores would go into each of the others. Jobs find their head node by what NodeHead writes down.
DASHBOARD_MODULES = ("JobHead", "NodeHead", "ServeHead")


def trim_head_node(parameters: RayParams, head: bool) -> None:
    """Leave out what nothing here uses, and start the dashboard beside the raylet.

    Left out are the client server, the autoscaler's monitor, the log monitor and most of the
    dashboard.
    """
    if not head:
        return
    parameters.ray_client_server_port = None
    parameters.no_monitor = True
    parameters.include_log_monitor = False  # type: ignore[assignment]  # Ray's annotation is wrong
    _trim_dashboard()
    _start_dashboard_beside_raylet()


def _trim_dashboard() -> None:
    start = services.start_ray_process

    def start_trimmed(command: list[str], process_type: str, **options: Any) -> Any:  # noqa: ANN401 - Ray's own
        if process_type == ray_constants.PROCESS_TYPE_DASHBOARD:
            command = [*command, f"--modules-to-load={','.join(DASHBOARD_MODULES)}"]
        return start(command, process_type, **options)

    services.start_ray_process = start_trimmed  # type: ignore[assignment]  # passes all else through


def _start_dashboard_beside_raylet() -> None:
    """Ray waits for the dashboard before it starts the raylet, which needs nothing of it."""
    start_dashboard, start_raylet = Node.start_api_server, Node.start_ray_processes
    errors: list[BaseException] = []
    threads: list[threading.Thread] = []

    def in_thread(node: Node, **options: Any) -> None:  # noqa: ANN401 - Ray's own
        def start() -> None:
            try:
                start_dashboard(node, **options)
            except BaseException as e:  # noqa: BLE001 - raised again below
                errors.append(e)

        threads.append(threading.Thread(target=start))
        threads[-1].start()

    def then_join(node: Node) -> None:
        start_raylet(node)  # type: ignore[no-untyped-call]
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    Node.start_api_server = in_thread  # type: ignore[method-assign,assignment]
    Node.start_ray_processes = then_join  # type: ignore[method-assign]
