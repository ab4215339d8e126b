"""What the tests put in the network's place: a resolver with a script, a dialler that watches."""

import socket
from collections.abc import Callable, Iterable, Sequence

import httpcore

from deployments.fetcher.fetcher import Fetcher
from tests.support.captcha_server import CaptchaServer

PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


class RecordingDialler(httpcore.AnyIOBackend):
    """Writes down every address it is told to dial, and connects to one server instead, whatever the address."""

    def __init__(self, server: CaptchaServer) -> None:
        self._server = server
        self.dialled: list[tuple[str, int]] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - named so by the interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append((host, port))
        return await super().connect_tcp(self._server.host, self._server.port, timeout, local_address, socket_options)


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
