"""URLs taken apart: what is accepted, and that both parsers always agree on it."""

import socket
import string

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deployments.errors import UrlNotAllowedError
from deployments.fetcher.download import _same_site
from deployments.fetcher.hostname import HostSyntaxError, canonical_host, literal_address
from deployments.fetcher.target import MAX_URL_LENGTH, join_target, parse_target


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "sent"),
    [
        ("http://example.org", "http", "example.org", 80, "/"),
        ("HTTPS://Example.ORG/A", "https", "example.org", 443, "/A"),
        ("http://example.org:8080?x=1#part", "http", "example.org", 8080, "/?x=1"),
        ("https://example.org:80/a/../b?c=d e".replace(" ", "%20"), "https", "example.org", 80, "/b?c=d%20e"),
        ("http://example.org/ä?ö", "http", "example.org", 80, "/%C3%A4?%C3%B6"),
        ("http://bücher.example/", "http", "xn--bcher-kva.example", 80, "/"),
        ("http://xn--bcher-kva.example/", "http", "xn--bcher-kva.example", 80, "/"),
        ("http://a_b.example/", "http", "a_b.example", 80, "/"),
        ("http://intranet/", "http", "intranet", 80, "/"),
        ("http://1.example/", "http", "1.example", 80, "/"),
        ("http://93.184.215.14:81/", "http", "93.184.215.14", 81, "/"),
        ("http://[2606:2800::0:1]:81/x", "http", "2606:2800::1", 81, "/x"),
    ],
)
def test_parts_of_a_plain_url(url: str, scheme: str, host: str, port: int, sent: str) -> None:
    target = parse_target(url)

    assert (target.scheme, target.host, target.port) == (scheme, host, port)
    assert target.url.raw_path.decode("ascii") == sent
    assert "?" not in repr(target)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://a.test/", "image_url must begin with http:// or https://"),
        ("http://user@a.test/", "image_url must not carry credentials"),
        ("http://a.test:0/", "image_url's host and port are not written as host or host:port"),
        ("http://a.test:70000/", "image_url's port is above 65535"),
        ("http://0177.1/", "image_url's host is a number but not an IPv4 address of four decimal parts"),
        ("http://a..test/", "image_url's host is empty or has an empty part"),
        ("http://a,b.test/", "image_url's host holds a character that host names cannot have"),
        ("http://①.test/", "image_url's host is not a valid internationalised name"),
        ("http://[::g]/", "image_url's host is not a plain IPv6 address in brackets"),
        ("http://a.test/ b", "image_url holds whitespace, a control character or a backslash"),
        (f"http://{'a.' * 127}test/", "image_url's host is longer than 253 characters"),
        ("http://a.test/" + "a" * MAX_URL_LENGTH, "image_url is longer than 2048 characters"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_which_field(url: str, sentence: str) -> None:
    with pytest.raises(UrlNotAllowedError) as caught:
        parse_target(url)

    assert caught.value.detail == sentence


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b", "https://example.org:444/b"),
        ("b?c", "https://example.org:444/a/b?c"),
        ("?q", "https://example.org:444/a/?q"),
        ("//other.example/x", "https://other.example/x"),
        ("http://other.example/", "http://other.example/"),
    ],
)
def test_a_redirect_may_be_relative(location: str, url: str) -> None:
    target = join_target(parse_target("https://example.org:444/a/"), location)

    assert target == parse_target(url, called="a redirect of image_url")


def test_a_redirect_may_not_be_longer_than_a_url() -> None:
    with pytest.raises(UrlNotAllowedError, match="a redirect of image_url"):
        join_target(parse_target("https://example.org/"), "/" + "a" * MAX_URL_LENGTH)


@pytest.mark.parametrize(
    ("first", "then", "same"),
    [
        ("http://a.test/", "http://a.test/x", True),
        ("http://a.test/", "https://a.test/", True),
        ("https://a.test/", "https://a.test:443/", True),
        ("http://a.test/", "http://b.a.test/", False),
        ("http://a.test/", "http://a.test:8080/", False),
        ("http://a.test:8080/", "https://a.test/", False),
        ("https://a.test/", "http://a.test/", False),
    ],
)
def test_the_session_belongs_to_one_site(first: str, then: str, same: bool) -> None:
    assert _same_site(parse_target(first), parse_target(then)) is same


HOSTISH = st.text(alphabet=string.ascii_letters + string.digits + ".-_:[]%@\\/?#。．①Ⅷß\u200b\u00ad", max_size=40)


@settings(deadline=None)
@given(text=st.one_of(HOSTISH.map("http://{}/".format), HOSTISH.map("https://{}".format), st.text()))
@example(text="http://0x7f.1/")
@example(text="http://[::ffff:7f00:1]/")
@example(text="http://a@b@c/")
def test_whatever_is_accepted_is_read_alike_by_every_parser(text: str) -> None:
    try:
        target = parse_target(text)
    except UrlNotAllowedError:
        return
    again = httpx.URL(str(target.url))

    assert again.raw_host.decode("ascii") == target.host
    assert again.userinfo == b""
    assert parse_target(str(target.url)) == target
    assert canonical_host(f"[{target.host}]" if ":" in target.host else target.host) == target.host
    assert "@" not in again.netloc.decode("ascii")


@settings(deadline=None)
@given(host=HOSTISH)
@example(host="0177.1")
@example(host="0x.0x")
@example(host="1.2.3")
def test_no_accepted_name_is_a_number_to_the_c_library(host: str) -> None:
    try:
        canonical = canonical_host(host)
    except HostSyntaxError:
        return
    if literal_address(canonical) is not None:
        return
    with pytest.raises(OSError, match="illegal IP"):
        socket.inet_aton(canonical)
