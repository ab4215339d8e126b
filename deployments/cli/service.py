"""A running service as the commands talk to it: where it is, with which key, and its failures in one line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Annotated, Any, Self

import httpx
import typer
from httpx_sse import ServerSentEvent, SSEError, connect_sse

from deployments.cli.options import DEFAULT_CONFIG, cluster_paths
from deployments.cluster.state import ClusterState
from deployments.errors import ConfigError, ServiceAwayError, ServiceError
from deployments.settings.access import is_loopback

DEFAULT_URL = "http://127.0.0.1:8000"
KEY_VARIABLE = "GLYPHSERVE_KEY"

UrlOption = Annotated[
    str | None, typer.Option("--url", help="The service; the one that runs from this folder if not given.")
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", envvar=KEY_VARIABLE, help="Admin or read key; in the environment nobody else sees it."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]

_CONNECT_S = 10
_ANSWER_S = 120
"""A large set of images takes its time to be checked and stored."""
_QUIET_S = 60
"""A stream of events shows every 15 s that it lives."""


def service_url(given: str | None) -> str:
    """The URL of the service to talk to: as given, of the cluster of this folder, or the default one."""
    if given is not None:
        return given.rstrip("/")
    try:
        state = ClusterState.load(cluster_paths(DEFAULT_CONFIG).state)
    except ConfigError:
        # No cluster.yaml here: commands that only talk to a service need none.
        state = None
    return DEFAULT_URL if state is None else state.url


class Service:
    """A client of a service.

    Every method raises ServiceError when the service refuses, ServiceAwayError when it does not answer.

    Args:
        url: where it is; see ``service_url``.
        key: admin or read key, if it wants one.
    """

    def __init__(self, url: str | None, *, key: str | None) -> None:
        self.url = service_url(url)
        try:
            self._client = httpx.Client(
                base_url=self.url,
                headers={"X-API-Key": key} if key else {},
                timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
                # A proxy has no business between us and our own loopback.
                trust_env=not is_loopback(httpx.URL(self.url).host),
            )
        except (httpx.InvalidURL, ValueError) as e:
            raise ServiceError(f"{self.url} is no URL: {e}") from e

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, **parameters: str | int) -> dict[str, Any]:
        """A resource."""
        return self.send("GET", path, parameters=parameters)

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        parameters: Mapping[str, str | int] | None = None,
    ) -> dict[str, Any]:
        """The answer to a request, JSON both ways."""
        with self._told():
            response = self._client.request(method, path, json=body, params=parameters)
        found = self._checked(response)
        if not isinstance(found, dict):
            raise ServiceError(f"{self.url} does not answer as glyphserve does")
        return found

    def file(self, path: str) -> tuple[bytes, str]:
        """A file and its media type."""
        with self._told():
            response = self._client.get(path)
        if response.status_code != httpx.codes.OK:
            self._checked(response)
        return response.content, response.headers.get("content-type", "")

    def events(self, path: str, *, after: str) -> Iterator[ServerSentEvent]:
        """Server-sent events behind the one numbered ``after``, as they come; ends when the service ends it."""
        with (
            self._told(),
            connect_sse(
                self._client, "GET", path, headers={"Last-Event-ID": after}, timeout=httpx.Timeout(_QUIET_S)
            ) as source,
        ):
            if source.response.status_code == httpx.codes.NO_CONTENT:
                return
            if source.response.status_code != httpx.codes.OK:
                source.response.read()
                self._checked(source.response)
            yield from source.iter_sse()

    def _checked(self, response: httpx.Response) -> object:
        try:
            found = response.json()
        except ValueError:
            found = None
        if response.is_success and found is not None:
            return found
        code = response.status_code
        kind = ServiceAwayError if code == httpx.codes.TOO_MANY_REQUESTS or code >= 500 else ServiceError
        if not isinstance(found, dict) or "message" not in found:
            raise kind(f"{self.url} answers {code}, not as glyphserve does")
        said = ": ".join(part for part in (found["message"], found.get("error", "")) if part)
        remedy = f" (give it with {KEY_VARIABLE})" if code == httpx.codes.UNAUTHORIZED else ""
        raise kind(f"{said}{remedy}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except httpx.ConnectError as e:
            raise ServiceAwayError(
                f"nothing answers at {self.url}: start it with `glyphserve up`, or name --url"
            ) from e
        except httpx.TransportError as e:
            raise ServiceAwayError(f"{self.url} does not answer: {e or type(e).__name__}") from e
        except (httpx.InvalidURL, SSEError) as e:
            raise ServiceError(f"{self.url} does not answer as glyphserve does: {e}") from e
