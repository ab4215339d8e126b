"""Serve's REST API on our own node: deploy, and what runs."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from deployments.errors import LifecycleError

_APPLICATIONS = "/api/serve/applications/"
DEPLOY_TIMEOUT_S = 60


class ServeApi:
    """A client of the dashboard's Serve API, with the cluster's token."""

    def __init__(self, url: str, *, token_path: Path) -> None:
        token = token_path.read_text(encoding="ascii").strip()
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(10, read=DEPLOY_TIMEOUT_S),
            trust_env=False,  # a proxy has no business between us and our own loopback
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def deploy(self, serve_config: dict[str, Any]) -> None:
        """Hand Serve its config; returns once the controller has taken it, before anything runs.

        Raises:
            LifecycleError: Serve refuses it or does not answer.
        """
        self._call("PUT", serve_config)

    def details(self) -> dict[str, Any]:
        """Serve's own account of proxies, applications, deployments and replicas.

        Raises:
            LifecycleError: it does not answer.
        """
        found: dict[str, Any] = self._call("GET").json()
        return found

    def _call(self, method: str, body: dict[str, Any] | None = None) -> httpx.Response:
        try:
            response = self._client.request(method, _APPLICATIONS, json=body)
        except httpx.HTTPError as e:
            raise LifecycleError(f"Ray's dashboard does not answer: {e or type(e).__name__}") from e
        if response.status_code != httpx.codes.OK:
            lines = response.text.strip().splitlines() or ["no reason given"]
            raise LifecycleError(f"Serve refused the request ({response.status_code}): {lines[-1]}")
        return response
