"""The smaller parts: cookie values, bounded bodies, places at a host, and what errors mean."""

import asyncio
import gzip
import inspect
import pickle
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from ipaddress import ip_address

import aiohttp
import pytest
from aiohttp import client_exceptions
from yarl import URL

from deployments.errors import LinkUnreachableError, RequestError
from deployments.fetcher.body import ByteBudget, read_body
from deployments.fetcher.cookie import MAX_SESSION_LENGTH, cookie_header
from deployments.fetcher.failures import HTTP_FAILURES, unreachable
from deployments.fetcher.pinned import PinnedConnector
from deployments.fetcher.slots import HostSlots
from deployments.status import Status
from tests.support.captcha_server import gzip_bomb


@pytest.mark.parametrize(
    "value", ["a", "0123-abcDEF_~!#$%&'()*+./:<=>?@[]^`{|}", '"quoted"', "s%3Aabc.def", "a==", '""']
)
def test_a_session_is_sent_as_it_is(value: str) -> None:
    assert cookie_header("sid", value) == f"sid={value}"


@pytest.mark.parametrize(
    "value",
    [
        "a b",
        "a;b",
        "a,b",
        'a"b',
        '"',
        '"a',
        "a\\b",
        "a\r\nX: y",
        "a\nb",
        "a\x00",
        "\x7f",
        "é",
        "名",
        " a",
        "a\t",
        "a" * (MAX_SESSION_LENGTH + 1),
    ],
)
def test_a_session_that_no_cookie_can_carry_is_refused_by_field(value: str) -> None:
    with pytest.raises(RequestError, match="session_id") as caught:
        cookie_header("sid", value)

    assert caught.value.status is Status.INVALID_REQUEST
    assert not set(value) & set("\r\n\x00\x7fé名") & set(caught.value.detail)


def test_an_empty_session_has_its_own_status() -> None:
    with pytest.raises(RequestError) as caught:
        cookie_header("sid", "")

    assert caught.value.status is Status.EMPTY_SESSION


async def _chunks(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def _read(
    data: bytes, encoding: str = "", *, max_bytes: int = 1_000, total: int = 10_000, size: int = 7
) -> bytes:
    return await read_body(
        _chunks(data, size), encoding=encoding, declared_bytes=None, max_bytes=max_bytes, budget=ByteBudget(total)
    )


@pytest.mark.parametrize("length", [1, 999, 1_000])
@pytest.mark.parametrize("encoding", ["", "identity", "gzip", " X-GZIP ", "deflate"])
async def test_bodies_up_to_the_limit_are_read_whole(length: int, encoding: str) -> None:
    body = (b"0123456789" * 100)[:length]
    match encoding:
        case "" | "identity":
            packed = body
        case "deflate":
            packed = zlib.compress(body)
        case _:
            packed = gzip.compress(body)

    assert await _read(packed, encoding) == body


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_one_byte_more_is_too_many(encoding: str) -> None:
    body = bytes(1_001)
    with pytest.raises(LinkUnreachableError, match="more than 1000 bytes for one image"):
        await _read(gzip.compress(body) if encoding else body, encoding)


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_the_budget_is_shared_and_named(encoding: str) -> None:
    body = gzip.compress(bytes(60)) if encoding else bytes(60)
    budget = ByteBudget(100)
    one = {"encoding": encoding, "declared_bytes": None, "max_bytes": 1_000, "budget": budget}
    await read_body(_chunks(body), **one)  # type: ignore[arg-type]

    assert budget.left_bytes == 40
    with pytest.raises(LinkUnreachableError, match="more than 100 bytes for the images"):
        await read_body(_chunks(body), **one)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "encoding", "sentence"),
    [
        (b"no gzip", "gzip", "broken compressed data"),
        (gzip.compress(b"abc", mtime=0)[:-9], "gzip", "ends too early"),
        (b"abc", "br", "not asked for"),
        (b"abc", "gzip, gzip", "not asked for"),
        (gzip.compress(b"abc", mtime=0) + bytes(2_000), "gzip", "more than 1000 bytes"),
    ],
)
async def test_other_bodies_are_refused(data: bytes, encoding: str, sentence: str) -> None:
    with pytest.raises(LinkUnreachableError, match=sentence):
        await _read(data, encoding)


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_no_bytes_are_an_empty_image(encoding: str) -> None:
    with pytest.raises(RequestError) as caught:
        await _read(gzip.compress(b"") if encoding else b"", encoding)

    assert caught.value.status is Status.EMPTY_IMAGE


async def test_a_bomb_costs_no_more_memory_than_an_image() -> None:
    limit = 1024 * 1024
    bomb = gzip_bomb()
    tracemalloc.start()
    try:
        with pytest.raises(LinkUnreachableError, match="more than"):
            await _read(bomb, "gzip", max_bytes=limit, total=10 * limit, size=65_536)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 4 * limit


async def test_places_at_a_host_are_taken_in_turn_and_forgotten() -> None:
    slots = HostSlots(2)
    inside: list[int] = []
    release = asyncio.Event()

    async def visit(number: int) -> None:
        async with slots.hold("a.test"):
            inside.append(number)
            await release.wait()

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(visit(number))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert inside == [0, 1]
        async with slots.hold("b.test"):
            assert len(slots) == 2
        release.set()

    assert inside == [0, 1, 2, 3, 4]
    assert len(slots) == 0


def test_every_error_of_the_http_client_is_said_in_plain_words() -> None:
    # Its last one is raised only by what speaks WebSocket.
    classes = {e for _, e in inspect.getmembers(client_exceptions, inspect.isclass) if issubclass(e, Exception)}
    classes = {e for e in classes if e.__module__ == client_exceptions.__name__} - {aiohttp.WSMessageTypeError}
    assert len(classes) > 10
    for error in classes:
        assert issubclass(error, HTTP_FAILURES), error
        said = unreachable(error.__new__(error, "10.0.0.1 [Errno 111]"), connect_timeout_s=2.5)
        assert said.detail.startswith("image_url")
        assert "Errno" not in said.detail
        assert pickle.loads(pickle.dumps(said)).detail == said.detail
    assert "within 2.5 s" in unreachable(aiohttp.ConnectionTimeoutError(), connect_timeout_s=2.5).detail


@pytest.mark.parametrize("host", ["public.test", "127.0.0.1", "::1", "2130706433"])
async def test_nothing_is_dialled_that_was_not_pinned(host: str) -> None:
    connector = PinnedConnector(connections=1)
    connector.pin("other.test", 80, (ip_address("127.0.0.1"),))
    address = f"[{host}]" if ":" in host else host
    async with aiohttp.ClientSession(connector=connector) as client:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await client.get(URL(f"http://{address}/", encoded=True))
    assert "no address was admitted" in str(caught.value.__cause__)
