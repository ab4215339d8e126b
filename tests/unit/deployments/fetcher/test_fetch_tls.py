"""HTTPS: the name is checked while a pinned address is dialled, and old servers are let in only where listed."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme

from deployments.errors import ConfigError, LinkUnreachableError, UrlNotAllowedError
from deployments.fetcher.fetcher import Fetcher
from deployments.fetcher.target import parse_target
from deployments.fetcher.tls import OP_LEGACY_SERVER_CONNECT, TlsContexts
from deployments.settings.fetch import FetchSettings
from tests.support.captcha_server import CaptchaServer, draw_captcha
from tests.unit.deployments.fetcher.scripted import PUBLIC, MakeFetcher, RecordingDialler, ScriptedResolver

NAME = "captcha.test"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[CaptchaServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(context)
    with CaptchaServer(tls=context) as running:
        yield running


@pytest.fixture
def dialler(secure: CaptchaServer) -> RecordingDialler:
    return RecordingDialler(secure)


def resolver() -> ScriptedResolver:
    return ScriptedResolver({NAME: [[PUBLIC]], "other.test": [[PUBLIC]]})


async def test_the_name_stays_for_tls_and_host_while_the_address_is_pinned(
    make_fetcher: MakeFetcher, secure: CaptchaServer, dialler: RecordingDialler, ca_file: Path
) -> None:
    fetcher = make_fetcher(resolver(), dialler, allowed_ports=(secure.port,), ca_file=ca_file)
    images = await fetcher.fetch_many(secure.url(host=NAME), session_id="s", count=3)

    assert sorted(image.data for image in images) == sorted(draw_captcha(number) for number in range(3))
    assert {address for address, _ in dialler.dialled} == {PUBLIC}
    assert set(secure.seen.server_names) == {NAME}
    assert {request.headers["host"] for request in secure.requests} == {f"{NAME}:{secure.port}"}


@pytest.mark.parametrize(("host", "trusted"), [("other.test", True), (NAME, False)])
async def test_a_certificate_must_be_trusted_and_name_the_host(
    make_fetcher: MakeFetcher,
    secure: CaptchaServer,
    dialler: RecordingDialler,
    ca_file: Path,
    host: str,
    trusted: bool,
) -> None:
    fetcher = make_fetcher(
        resolver(),
        dialler,
        allowed_ports=(secure.port,),
        ca_file=ca_file if trusted else None,
        legacy_tls_hosts=("other.test", NAME),
    )
    with pytest.raises(LinkUnreachableError, match="certificate is not valid"):
        await fetcher.fetch_many(secure.url(host=host), session_id="s", count=1)

    assert secure.requests == []


async def test_https_does_not_lead_back_to_http(
    make_fetcher: MakeFetcher, secure: CaptchaServer, server: CaptchaServer, dialler: RecordingDialler, ca_file: Path
) -> None:
    fetcher = make_fetcher(resolver(), dialler, allowed_ports=(secure.port, server.port), ca_file=ca_file)
    url = secure.url(f"/to?{server.url(host=NAME)}", host=NAME)
    with pytest.raises(UrlNotAllowedError, match="from https to http"):
        await fetcher.fetch_many(url, session_id="s", count=1)

    assert len(dialler.dialled) == 1
    assert server.connections == 0


async def test_a_server_that_speaks_no_tls_fails_the_handshake(
    make_fetcher: MakeFetcher, server: CaptchaServer
) -> None:
    fetcher = make_fetcher(allowed_hosts=("127.0.0.1",))
    with pytest.raises(LinkUnreachableError, match="TLS handshake failed"):
        await fetcher.fetch_many(f"https://127.0.0.1:{server.port}/", session_id="s", count=1)


@pytest.fixture
async def legacy_port() -> AsyncIterator[int]:
    """A server that answers with a TLS 1.2 ServerHello without RFC 5746's extension, and leaves."""
    hello = b"\x03\x03" + bytes(range(32)) + b"\x00" + b"\xc0\x2f" + b"\x00"
    handshake = b"\x02" + len(hello).to_bytes(3, "big") + hello
    record = b"\x16\x03\x03" + len(handshake).to_bytes(2, "big") + handshake

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(record)
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("listed", "sentence"),
    [
        ((), r"needs legacy TLS renegotiation; .* fetch\.legacy_tls_hosts"),
        (("elsewhere.test",), "needs legacy TLS renegotiation"),
        # The handshake goes on from the hello that was refused above, and ends where this server leaves.
        (("localhost",), "no connection could be made|TLS handshake failed"),
    ],
)
async def test_legacy_renegotiation_is_for_listed_hosts_only(
    make_fetcher: MakeFetcher, legacy_port: int, listed: tuple[str, ...], sentence: str
) -> None:
    fetcher = make_fetcher(
        ScriptedResolver({"localhost": [["127.0.0.1"]]}), allowed_hosts=("localhost",), legacy_tls_hosts=listed
    )
    with pytest.raises(LinkUnreachableError, match=sentence):
        await fetcher.fetch_many(f"https://localhost:{legacy_port}/", session_id="s", count=1)


def test_legacy_contexts_still_verify() -> None:
    contexts = TlsContexts(FetchSettings(legacy_tls_hosts=("old.test", "*.older.test", "10.0.0.1:444")))
    for url, legacy in {
        "https://old.test/": True,
        "https://a.older.test/": True,
        "https://10.0.0.1:444/": True,
        "https://10.0.0.1/": False,
        "https://new.old.test/": False,
    }.items():
        context = contexts.of(parse_target(url))
        assert bool(context.options & OP_LEGACY_SERVER_CONNECT) is legacy
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unreadable_ca_file_stops_the_start(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=r"fetch\.ca_file"):
        Fetcher(FetchSettings(ca_file=path))
