"""Serve's REST API on our own node: what runs."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from deployments.errors import LifecycleError

ANSWER_TIMEOUT_S = 60


class ServeApi:
    """A client of the dashboard's Serve API, with the cluster's token."""

    def __init__(self, url: str, *, token_path: Path) -> None:
        token = token_path.read_text(encoding="ascii").strip()
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(10, read=ANSWER_TIMEOUT_S),
            trust_env=False,  # a proxy has no business between us and our own loopback
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def details(self) -> dict[str, Any]:
        """Serve's own account of proxies, applications, deployments and replicas.

        Raises:
            LifecycleError: it does not answer.
        """
        try:
            response = self._client.get("/api/serve/applications/")
        except httpx.HTTPError as e:
            raise LifecycleError(f"Ray's dashboard does not answer: {e or type(e).__name__}") from e
        if response.status_code != httpx.codes.OK:
            lines = response.text.strip().splitlines() or ["no reason given"]
            raise LifecycleError(f"Serve refused the request ({response.status_code}): {lines[-1]}")
        found: dict[str, Any] = response.json()
        return found
