"""What the tests put in the network's place: a resolver with a script, a dialler that watches."""

import socket
from collections.abc import Callable, Sequence

from aiohttp.abc import ResolveResult
from aiohttp.tracing import Trace

from deployments.fetcher.fetcher import Fetcher
from deployments.fetcher.pinned import PinnedConnector
from tests.support.captcha_server import CaptchaServer

PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


class RecordingDialler:
    """Writes down every address that is to be dialled, and has one server dialled instead, whatever the address."""

    def __init__(self, server: CaptchaServer) -> None:
        self._server = server
        self.dialled: list[tuple[str, int]] = []

    def __call__(self, *, connections: int) -> PinnedConnector:
        return _RecordingConnector(self._server, self.dialled, connections=connections)


class _RecordingConnector(PinnedConnector):
    def __init__(self, server: CaptchaServer, dialled: list[tuple[str, int]], *, connections: int) -> None:
        super().__init__(connections=connections)
        self._server = server
        self._dialled = dialled

    async def _resolve_host(self, host: str, port: int, traces: Sequence[Trace] | None = None) -> list[ResolveResult]:
        first, *_ = await super()._resolve_host(host, port, traces)
        self._dialled.append((first["host"], port))
        return [{**first, "host": self._server.host, "port": self._server.port, "family": socket.AF_INET}]


class ScriptedResolver:
    """Answers names from a script, one answer per question, the last one for ever; and counts the questions.

    A name that is not in the script is taken as a number in any spelling that C libraries know, as the system's
    resolver would.
    """

    def __init__(self, script: dict[str, list[list[str]]]) -> None:
        self._script = script
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self._script.get(host)
        if answers is not None:
            return answers.pop(0) if len(answers) > 1 else answers[0]
        numeric = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [str(sockaddr[0]) for *_, sockaddr in numeric]


MakeFetcher = Callable[..., Fetcher]
