"""A running service as the commands talk to it: where it is, with which key, and its failures in one line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Annotated, Any, Self

import httpx
import typer

from deployments.cli.options import DEFAULT_CONFIG, cluster_paths
from deployments.cluster.state import ClusterState
from deployments.errors import ConfigError
from glyphserve.client import NO_RETRIES, Client, Event, ServiceAwayError, ServiceError, StoredImage
from glyphserve.client.connection import DEFAULT_URL

KEY_VARIABLE = "GLYPHSERVE_KEY"

UrlOption = Annotated[
    str | None, typer.Option("--url", help="The service; the one that runs from this folder if not given.")
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", envvar=KEY_VARIABLE, help="Admin or read key; in the environment nobody else sees it."),
]


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
    """A client of a service whose failures name the command's remedy; whoever types again needs no retries.

    Every method raises ServiceError when the service refuses, ServiceAwayError when it does not answer.

    Args:
        url: where it is; see ``service_url``.
        key: admin or read key, if it wants one.
    """

    def __init__(self, url: str | None, *, key: str | None) -> None:
        self.url = service_url(url)
        self._client = Client(self.url, key=key, retries=NO_RETRIES)

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
        with _remedies():
            return self._client.request(method, path, body, parameters=parameters)

    def image(self, recognition_id: str) -> StoredImage:
        """An image that was read."""
        with _remedies():
            return self._client.image(recognition_id)

    def follow(self, retrain_id: str) -> Iterator[Event]:
        """What happens to a retrain job, until it has ended."""
        with _remedies():
            yield from self._client.follow(retrain_id)


@contextmanager
def _remedies() -> Iterator[None]:
    try:
        yield
    except ServiceAwayError as e:
        if isinstance(e.__cause__, httpx.ConnectError):
            raise ServiceAwayError(f"{e}: start it with `glyphserve up`, or name --url") from e
        raise
    except ServiceError as e:
        if e.status_code == HTTPStatus.UNAUTHORIZED:
            raise ServiceError(f"{e} (give it with {KEY_VARIABLE})", e.status_code, e.message, e.request_id) from e
        raise
