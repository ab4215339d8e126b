"""URLs that strangers try, against a server that writes down every connection: none arrives.

The dialler leads *every* address to that server, so that a URL which passes the guard is seen wherever it points;
the server's port is among the allowed ones, so that no URL is refused for its port alone.
"""

from collections.abc import Iterator

import pytest

from deployments.errors import LinkUnreachableError, UrlNotAllowedError
from deployments.fetcher.fetcher import Fetcher
from deployments.settings.fetch import FetchSettings
from tests.support.captcha_server import CaptchaServer
from tests.unit.deployments.fetcher.scripted import (
    OTHER_PUBLIC,
    PUBLIC,
    MakeFetcher,
    RecordingDialler,
    ScriptedResolver,
)

NAMES = {
    "localhost": [["127.0.0.1", "::1"]],
    "public.test": [[PUBLIC, OTHER_PUBLIC]],
    "loopback.test": [["127.0.0.1"]],
    "loopback6.test": [["::1"]],
    "mixed.test": [[PUBLIC, "10.0.0.7"]],
    "mixed6.test": [[OTHER_PUBLIC, "::ffff:10.0.0.7"]],
    "mapped.test": [["::ffff:127.0.0.1"]],
    "linklocal.test": [["fe80::1%lo"]],
    "zero.test": [["0.0.0.0"]],
    "metadata.google.internal": [["169.254.169.254"]],
    "nat64.test": [["64:ff9b::7f00:1"]],
    "cgnat.test": [["100.100.100.200"]],
    "intranet": [["192.168.1.10"]],
    "xn--bcher-kva.test": [["10.1.2.3"]],
}

HOSTILE = """
    http://localhost:{port}/                     http://LOCALHOST:{port}/
    http://127.0.0.1:{port}/                     http://127.8.9.1:{port}/
    http://2130706433:{port}/                    http://0x7f000001:{port}/
    http://017700000001:{port}/                  http://0177.0.0.1:{port}/
    http://0x7f.0x0.0x0.0x1:{port}/              http://0X7F.1:{port}/
    http://127.1:{port}/                         http://127.0.1:{port}/
    http://127.0.0.01:{port}/                    http://0127.0.0.1:{port}/
    http://127.0.0.1.:{port}/                    http://localhost.:{port}/
    http://127.0.0.0x1:{port}/                   http://4294967296:{port}/
    http://256.256.256.256:{port}/               http://0:{port}/
    http://0.0.0.0:{port}/                       http://0.1.2.3:{port}/
    http://10.0.0.1:{port}/                      http://172.16.0.1:{port}/
    http://172.31.255.255:{port}/                http://192.168.0.1:{port}/
    http://100.64.0.1:{port}/                    http://100.100.100.200:{port}/latest/meta-data/
    http://169.254.169.254:{port}/latest/        http://169.254.170.2:{port}/v2/credentials
    http://168.63.129.16:{port}/machine          http://192.0.0.192:{port}/latest/
    http://192.0.2.1:{port}/                     http://198.18.0.1:{port}/
    http://192.88.99.1:{port}/                   http://203.0.113.9:{port}/
    http://224.0.0.1:{port}/                     http://240.0.0.1:{port}/
    http://255.255.255.255:{port}/               http://[::]:{port}/
    http://[::1]:{port}/                         http://[0:0:0:0:0:0:0:1]:{port}/
    http://[::ffff:127.0.0.1]:{port}/            http://[::ffff:7f00:1]:{port}/
    http://[::ffff:169.254.169.254]:{port}/      http://[::127.0.0.1]:{port}/
    http://[64:ff9b::127.0.0.1]:{port}/          http://[64:ff9b::a9fe:a9fe]:{port}/
    http://[64:ff9b:1::a00:1]:{port}/            http://[2002:7f00:1::]:{port}/
    http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]:{port}/
    http://[fe80::1]:{port}/                     http://[fe80::1%25lo]:{port}/
    http://[fe80::1%lo]:{port}/                  http://[fc00::1]:{port}/
    http://[fd00:ec2::254]:{port}/latest/        http://[fec0::1]:{port}/
    http://[ff02::1]:{port}/                     http://[2001:db8::1]:{port}/
    http://[100::1]:{port}/                      http://[::1:{port}/
    http://[127.0.0.1]:{port}/                   http://::1:{port}/
    file:///etc/passwd                           file://localhost/etc/passwd
    gopher://127.0.0.1:{port}/_GET               ftp://127.0.0.1:{port}/
    dict://127.0.0.1:{port}/                     ldap://127.0.0.1:{port}/
    data:image/png;base64,iVBORw0KGgo=           javascript:alert(1)
    jar:http://127.0.0.1:{port}/!/               unix:///var/run/docker.sock
    ws://127.0.0.1:{port}/                       http+unix://%2Fvar%2Frun%2Fdocker.sock/
    //127.0.0.1:{port}/                          127.0.0.1:{port}
    http:127.0.0.1:{port}/                       http:/127.0.0.1:{port}/
    http:///127.0.0.1:{port}/                    http://
    https://                                     http://:{port}/
    http://user@public.test:{port}/              http://user:pass@public.test:{port}/
    http://public.test@127.0.0.1:{port}/         http://127.0.0.1:{port}@public.test:{port}/
    http://public.test:{port}@127.0.0.1:{port}/  http://@127.0.0.1:{port}/
    http://public.test%40127.0.0.1:{port}/       http://public.test:@127.0.0.1:{port}/
    http://127.0.0.1:{port}\\@public.test/       http://public.test\\.127.0.0.1:{port}/
    http://public.test:{port}:80/                http://public.test:+{port}/
    http://public.test:0/                        http://public.test:65536/
    http://public.test:99999999999999999999/     http://public.test:22/
    http://public.test:6379/                     http://public.test:０80/
    http://127。0。0。1:{port}/                   http://127．0．0．1:{port}/
    http://127｡0｡0｡1:{port}/                     http://①②⑦.⓪.⓪.①:{port}/
    http://１２７.0.0.1:{port}/                   http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/
    http://ｌｏｃａｌｈｏｓｔ:{port}/               http://loca\u200blhost:{port}/
    http://local\u00adhost:{port}/               http://loopback。test:{port}/
    http://%31%32%37.0.0.1:{port}/               http://localhost%00.public.test:{port}/
    http://localhost%2e:{port}/                  http://public.test%23.test:{port}/
    http://xn--:{port}/                          http://xn--a-ecp.test:{port}/
    http://-public.test:{port}/                  http://public..test:{port}/
    http://.public.test:{port}/                  http://public.test.:{port}/
    http://loopback.test:{port}/                 http://loopback6.test:{port}/
    http://mixed.test:{port}/                    http://mixed6.test:{port}/
    http://mapped.test:{port}/                   http://linklocal.test:{port}/
    http://zero.test:{port}/                     http://nat64.test:{port}/
    http://metadata.google.internal:{port}/      http://cgnat.test:{port}/
    http://intranet:{port}/                      http://bücher.test:{port}/
    http://public。test:{port}/                  http://[2606:2800:21f:cb07::1%25lo]:{port}/
""".split()  # noqa: SIM905 - two columns are easier to compare
WITH_SPACE = [
    "http://public.test:{port}/ HTTP/1.1\r\nHost: localhost",
    "http://public.test:{port}/\r\nX-Injected: 1",
    "http://public.test\t:{port}/",
    " http://public.test:{port}/",
    "http://public.test:{port}/\n",
    "http://127.0.0.1:{port} @public.test/",
    "http://public.test:{port}/\x00",
    "http://public.test:{port}/\x7f",
    "http://public.test:{port}/a b",
    "http://public.test:{port}/a\\b",
    "http://public.test:{port}/\x85",
    "http://public.test:{port}/\xa0",
    "",
    " ",
    "http://public.test:{port}/" + "a" * 2048,
]


# One server, resolver and fetcher for the whole table: making a fetcher loads all certificate authorities.
@pytest.fixture(scope="module")
def server() -> Iterator[CaptchaServer]:
    with CaptchaServer() as running:
        yield running


@pytest.fixture(scope="module")
def shared_dialler(server: CaptchaServer) -> RecordingDialler:
    return RecordingDialler(server)


@pytest.fixture(scope="module")
def fetcher(server: CaptchaServer, shared_dialler: RecordingDialler) -> Fetcher:
    resolver = ScriptedResolver({name: [*answers] for name, answers in NAMES.items()})
    settings = FetchSettings(allowed_ports=(80, 443, server.port))
    return Fetcher(settings, resolver=resolver, make_connector=shared_dialler)


@pytest.fixture
def dialler(server: CaptchaServer, shared_dialler: RecordingDialler) -> RecordingDialler:
    """The dialler and the server, with nothing written down yet."""
    shared_dialler.dialled.clear()
    server.requests.clear()
    server.seen.connections = 0
    return shared_dialler


@pytest.mark.parametrize("url", HOSTILE + WITH_SPACE)
async def test_no_hostile_url_arrives_anywhere(
    fetcher: Fetcher, server: CaptchaServer, dialler: RecordingDialler, url: str
) -> None:
    with pytest.raises(UrlNotAllowedError) as caught:
        await fetcher.fetch_many(url.format(port=server.port), session_id="s", count=2)

    assert (dialler.dialled, server.connections) == ([], 0)
    assert "image_url" in caught.value.detail
    for answers in NAMES.values():
        assert not any(address in caught.value.detail for address in answers[0])


@pytest.mark.parametrize(
    "host", ["public.test", "PUBLIC.test", PUBLIC, f"[{OTHER_PUBLIC}]", f"[{OTHER_PUBLIC.upper()}]"]
)
async def test_the_same_table_would_see_a_url_that_is_let_through(
    fetcher: Fetcher, server: CaptchaServer, dialler: RecordingDialler, host: str
) -> None:
    assert len(await fetcher.fetch_many(server.url(host=host), session_id="s", count=2)) == 2

    assert {address for address, _ in dialler.dialled} <= {PUBLIC, OTHER_PUBLIC}
    assert len(server.requests) == 2


async def test_a_name_is_resolved_once_so_that_rebinding_comes_too_late(
    make_fetcher: MakeFetcher, server: CaptchaServer, dialler: RecordingDialler
) -> None:
    resolver = ScriptedResolver({"rebind.test": [[PUBLIC], ["127.0.0.1"]]})
    fetcher = make_fetcher(resolver, dialler, allowed_ports=(server.port,))
    await fetcher.fetch_many(server.url("/redirect/2", host="rebind.test"), session_id="s", count=8)

    assert resolver.asked == ["rebind.test"]
    assert {address for address, _ in dialler.dialled} == {PUBLIC}

    with pytest.raises(UrlNotAllowedError):
        await fetcher.fetch_many(server.url(host="rebind.test"), session_id="s", count=1)
    assert {address for address, _ in dialler.dialled} == {PUBLIC}


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://2130706433:{port}/", "//[::1]:{port}/"]
)
async def test_a_public_site_cannot_redirect_inwards(
    fetcher: Fetcher, server: CaptchaServer, dialler: RecordingDialler, location: str
) -> None:
    url = server.url(f"/to?{location.format(port=server.port)}", host="public.test")
    with pytest.raises(UrlNotAllowedError, match="a redirect of image_url"):
        await fetcher.fetch_many(url, session_id="s", count=1)

    assert dialler.dialled == [(PUBLIC, server.port)]
    assert len(server.requests) == 1


async def test_the_error_is_the_same_wherever_a_name_leads_inside(fetcher: Fetcher, server: CaptchaServer) -> None:
    sentences = set()
    for host in ("localhost", "intranet", "metadata.google.internal", "mixed.test", "127.0.0.1"):
        with pytest.raises(UrlNotAllowedError) as caught:
            await fetcher.fetch_many(server.url(host=host), session_id="s", count=1)
        sentences.add(caught.value.detail)

    assert len(sentences) == 1


async def test_a_name_that_does_not_exist_could_not_be_reached(fetcher: Fetcher, server: CaptchaServer) -> None:
    with pytest.raises(LinkUnreachableError, match="could not be resolved"):
        await fetcher.fetch_many(server.url(host="nowhere.test"), session_id="s", count=1)


async def test_the_next_address_is_tried_when_the_first_does_not_answer(
    make_fetcher: MakeFetcher, server: CaptchaServer
) -> None:
    resolver = ScriptedResolver({"two.test": [["127.0.0.2", "127.0.0.1"]]})
    fetcher = make_fetcher(resolver, allowed_hosts=("two.test",))

    assert len(await fetcher.fetch_many(server.url(host="two.test"), session_id="s", count=2)) == 2
