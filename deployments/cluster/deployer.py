"""A short-lived process of the cluster: checks the config, deploys it, and says if that fails.

Run as ``python -m deployments.cluster.deployer CONFIG GCS_ADDRESS`` by the supervisor. It imports
Ray and checks the config while the node starts, waits for a line on stdin that says the node is
up, and ends when stdin does. Its one line on stdout, if any, is an `Outcome`.

Serve's REST API would do the same more slowly: it imports Serve in a process of the dashboard
(and keeps the 120 MB that this takes), and waits for the proxies before it starts replicas.
"""

import logging
import sys
import threading
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from deployments.errors import ConfigError, LifecycleError
from ocr_model.errors import GlyphserveError

_POLL_S = 0.5


class Outcome(BaseModel):
    """Why nothing will come of the deployment."""

    kind: Literal["config", "lifecycle"]
    message: str

    def error(self) -> GlyphserveError:
        """The exception that this is in the process that reads it."""
        return ConfigError(self.message) if self.kind == "config" else LifecycleError(self.message)


def main(config: Path, gcs_address: str) -> None:
    """Check, wait for the node, deploy, and watch the deployment until stdin is closed."""
    try:
        from deployments.settings.config_file import APPLICATION, load  # noqa: PLC0415 - imports Ray

        serve_config = load(config).serve_config
        if not sys.stdin.readline():
            return
        client = _deploy(serve_config, gcs_address)
        closed = threading.Event()
        threading.Thread(target=_wait_closed, args=(closed,), daemon=True).start()
        _watch(client, APPLICATION, closed)
    except ConfigError as e:
        _report(Outcome(kind="config", message=str(e)))
    except Exception as e:  # noqa: BLE001 - whatever it is, the supervisor must hear of it
        _report(Outcome(kind="lifecycle", message=_one_line(e)))


def _deploy(serve_config: dict[str, Any], gcs_address: str) -> Any:  # noqa: ANN401 - Ray's own client
    import ray  # noqa: PLC0415 - see main
    from ray.serve._private.api import _create_controller_and_proxy_refs  # noqa: PLC0415
    from ray.serve._private.client import ServeControllerClient  # noqa: PLC0415
    from ray.serve.config import ControllerOptions  # noqa: PLC0415
    from ray.serve.schema import ServeDeploySchema  # noqa: PLC0415

    from deployments.cluster.ports import LOOPBACK  # noqa: PLC0415

    schema = ServeDeploySchema.model_validate(serve_config)
    http_options = schema.http_options.model_dump()
    if haproxy_enabled():
        # HAProxy listens at the true host; Serve and so the replicas' own ports stay on loopback.
        http_options["host"] = LOOPBACK
    ray.init(gcs_address, namespace="serve", log_to_driver=False, logging_level=logging.ERROR)
    controller, _ = _create_controller_and_proxy_refs(
        http_options=http_options,
        grpc_options=schema.grpc_options.model_dump(),
        global_logging_config=schema.logging_config,
        global_tracing_config=schema.tracing_config,
        controller_options=schema.controller_options or ControllerOptions(),
        proxy_location=schema.proxy_location,
    )
    client = ServeControllerClient(controller)
    client.deploy_apps(schema)
    return client


def haproxy_enabled() -> bool:
    """Whether this process's Serve would run HAProxy."""
    from ray.serve._private.constants import RAY_SERVE_ENABLE_HA_PROXY  # noqa: PLC0415 - imports Ray

    return bool(RAY_SERVE_ENABLE_HA_PROXY)


def _watch(client: Any, application: str, closed: threading.Event) -> None:  # noqa: ANN401 - Ray's own client
    from deployments.cluster.readiness import failure  # noqa: PLC0415 - kept out of the import above

    while not closed.wait(_POLL_S):
        if cause := failure(client.get_serve_details(), application):
            raise LifecycleError(f"the service did not start: {cause}")


def _wait_closed(closed: threading.Event) -> None:
    sys.stdin.read()
    closed.set()


def _report(outcome: Outcome) -> None:
    sys.stdout.write(outcome.model_dump_json() + "\n")
    sys.stdout.flush()


def _one_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[-1].strip() if text else type(error).__name__


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
