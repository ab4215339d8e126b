"""Both ends of a lane, over a real socket."""

import asyncio
import socket
import struct
import threading
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
from ray.exceptions import ActorUnavailableError

from deployments.errors import TooBusyError
from deployments.lane.client import Lane, connect
from deployments.lane.frames import HAVE_LANES, address_of
from deployments.lane.server import listen

pytestmark = pytest.mark.skipif(not HAVE_LANES, reason="this system has no such sockets")

ACTOR = bytes(16)

Work = Callable[[Any], Awaitable[Any]]
OpenLane = Callable[[Work], Awaitable[Lane]]


@pytest.fixture
async def open_to() -> AsyncIterator[OpenLane]:
    """Makes a replica that does some work, and a lane to it."""
    async with AsyncExitStack() as stack:

        async def make(work: Work) -> Lane:
            name = uuid.uuid4().hex
            server = await listen(name, work)
            assert server is not None
            stack.callback(server.close)
            lanes: list[Lane] = []
            await connect(name, ACTOR, lanes.append)
            (lane,) = lanes
            stack.callback(lane.close)
            return lane

        yield make


async def test_calls_get_their_own_answers_whatever_the_order(open_to: OpenLane) -> None:
    gates = [asyncio.Event() for _ in range(3)]

    async def work(number: int) -> str:
        await gates[number].wait()
        return f"answer {number}"

    lane = await open_to(work)
    assert lane.is_open
    calls = [lane.call(number) for number in range(3)]
    assert lane.under_way == 3
    for gate, call in zip(reversed(gates), reversed(calls), strict=True):
        gate.set()
        await call

    assert [call.result() for call in calls] == ["answer 0", "answer 1", "answer 2"]
    assert lane.under_way == 0


async def test_many_bytes_arrive_whole(open_to: OpenLane) -> None:
    async def work(images: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return images[::-1]

    images = tuple(bytes([number]) * 1_000_003 for number in range(9))
    assert await (await open_to(work)).call(images) == images[::-1]


async def test_what_the_replica_raises_is_raised_here(open_to: OpenLane) -> None:
    async def work(argument: object) -> None:
        raise TooBusyError(f"no place for {argument}", 3)

    with pytest.raises(TooBusyError, match="no place for you") as caught:
        await (await open_to(work)).call("you")
    assert caught.value.retry_after_s == 3


async def test_an_answer_that_cannot_be_sent_is_an_error(open_to: OpenLane, caplog: pytest.LogCaptureFixture) -> None:
    async def work(argument: object) -> object:
        del argument
        return threading.Lock()

    with pytest.raises(RuntimeError, match="cannot be sent"):
        await (await open_to(work)).call(None)
    assert "an answer cannot be sent" in caplog.text


async def test_who_waits_is_told_when_the_replica_dies(open_to: OpenLane) -> None:
    begun = asyncio.Event()

    async def work(argument: object) -> None:
        del argument
        begun.set()
        await asyncio.Event().wait()

    lane = await open_to(work)
    calls = [lane.call(None) for _ in range(2)]
    await begun.wait()
    lane.close()

    for call in calls:
        with pytest.raises(ActorUnavailableError):
            await call
    assert not lane.is_open


async def test_an_answer_nobody_waits_for_is_dropped(open_to: OpenLane) -> None:
    async def work(number: int) -> int:
        return number

    lane = await open_to(work)
    lane.call(1).cancel()
    assert await lane.call(2) == 2


async def test_without_a_replica_there_is_no_lane() -> None:
    lanes: list[Lane] = []
    await connect(uuid.uuid4().hex, ACTOR, lanes.append)
    assert lanes == []


async def test_a_name_is_taken_once() -> None:
    async def work(argument: object) -> object:
        return argument

    name = uuid.uuid4().hex
    first = await listen(name, work)
    assert first is not None
    try:
        assert await listen(name, work) is None
    finally:
        first.close()


async def test_another_user_is_not_talked_to(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    asked = []

    async def work(argument: object) -> object:
        asked.append(argument)
        return argument

    monkeypatch.setattr("deployments.lane.frames.os.geteuid", lambda: -2)
    name = uuid.uuid4().hex
    server = await listen(name, work)
    assert server is not None
    lanes: list[Lane] = []
    await connect(name, ACTOR, lanes.append)
    assert lanes == []
    assert "not ours" in caplog.text

    # Who asks all the same is hung up on.
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end, suppress(ConnectionError):
        end.setblocking(False)
        await loop.sock_connect(end, address_of(name))
        await loop.sock_sendall(end, struct.pack("<QQ", 0, 1) + b"x")
        assert await loop.sock_recv(end, 1) == b""
    server.close()
    await server.wait_closed()
    assert asked == []


async def test_a_lane_that_was_closed_takes_no_call(open_to: OpenLane) -> None:
    async def work(_: object) -> None:
        await asyncio.Event().wait()

    lane = await open_to(work)
    under_way = lane.call("before")
    lane.close()
    with pytest.raises(ActorUnavailableError):
        await under_way
    assert not lane.is_open
    with pytest.raises(ActorUnavailableError):
        await lane.call("after")
