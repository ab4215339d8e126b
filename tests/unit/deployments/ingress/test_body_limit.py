"""The body limit, driven as an ASGI server drives it."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from deployments.ingress import body_limit
from deployments.ingress.body_limit import BodyLimit
from deployments.settings.limits import LimitSettings
from tests.unit.deployments.ingress.conftest import Serve

LIMITS = LimitSettings(body_bytes=1024)


class Peer:
    """A client that sends a body in parts, and keeps what it is answered."""

    def __init__(self, parts: list[bytes]) -> None:
        self.parts = parts
        self.answer: list[Message] = []

    async def receive(self) -> Message:
        body = self.parts.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(self.parts)}

    async def send(self, message: Message) -> None:
        self.answer.append(message)

    @property
    def status(self) -> int:
        status: int = self.answer[0]["status"]
        return status

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.answer[0]["headers"])


def scope(length: int) -> Scope:
    return {"type": "http", "path": "/captcha_recap_image", "headers": [(b"content-length", b"%d" % length)]}


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("the route was reached")


async def test_a_body_declared_too_large_is_taken_in_before_it_is_refused() -> None:
    peer = Peer([b"x" * 1000] * 5)
    await BodyLimit(refuse, limits=LIMITS)(scope(5000), peer.receive, peer.send)
    assert peer.parts == []  # else closing the connection would reset it, and the answer be lost
    assert peer.status == 413
    assert b"connection" not in peer.headers
    assert json.loads(peer.answer[1]["body"])["message"] == "body too large"


async def test_a_sender_without_end_is_told_and_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "_DRAIN_BYTES", 3000)
    peer = Peer([b"x" * 1000] * 9)
    await BodyLimit(refuse, limits=LIMITS)(scope(9000), peer.receive, peer.send)
    assert len(peer.parts) == 5
    assert peer.status == 413
    assert peer.headers[b"connection"] == b"close"


async def test_a_body_of_unknown_length_is_refused_too(serve: Serve) -> None:
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(20):
            sent += 1
            yield b"x" * 1000

    async with serve(limits={"body_bytes": 4096}) as client:
        answer: httpx.Response = await client.post("/captcha_recap_image", content=parts())
    assert (answer.status_code, answer.json()["message"]) == (413, "body too large")
    assert sent == 20
