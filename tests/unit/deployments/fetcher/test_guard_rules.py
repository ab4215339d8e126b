"""The operator's list and the address classes: which address may be dialled under which entry."""

import re
from ipaddress import ip_address

import pytest

from deployments.errors import UrlNotAllowedError
from deployments.fetcher.addresses import Reach, reach_of
from deployments.fetcher.allowlist import parse_rule
from deployments.fetcher.guard import Guard
from deployments.fetcher.hostname import HostSyntaxError
from deployments.fetcher.target import parse_target
from deployments.settings.fetch import FetchSettings
from tests.unit.deployments.fetcher.scripted import OTHER_PUBLIC, PUBLIC, ScriptedResolver

ANSWERS = {
    "public.test": [PUBLIC],
    "deep.public.test": [PUBLIC, OTHER_PUBLIC],
    "private.test": ["10.1.2.3"],
    "deep.private.test": ["10.1.2.3"],
    "loopback.test": ["127.0.0.1", "::1"],
    "metadata.test": ["169.254.169.254"],
    "mapped.test": ["::ffff:a01:203"],
    "mixed.test": [PUBLIC, "10.1.2.3"],
}


@pytest.mark.parametrize(
    ("entries", "url", "allowed"),
    [
        (("public.test",), "http://public.test/", True),
        (("public.test",), "http://PUBLIC.test:8080/", True),
        (("public.test:8080",), "http://public.test:8080/", True),
        (("public.test:8080",), "http://public.test/", False),
        (("public.test",), "http://deep.public.test/", False),
        (("*.public.test",), "http://deep.public.test/", True),
        (("*.public.test",), "http://public.test/", False),
        (("*.public.test",), "http://notpublic.test/", False),
        (("other.test",), "http://public.test/", False),
        (("other.test",), f"http://{PUBLIC}/", False),
        (("private.test",), "http://private.test/", True),
        (("*.private.test",), "http://deep.private.test/", False),
        (("*.private.test", "10.0.0.0/8"), "http://deep.private.test/", True),
        (("loopback.test",), "http://loopback.test:9/", True),
        (("mixed.test",), "http://mixed.test/", True),
        (("metadata.test",), "http://metadata.test/", False),
        (("metadata.test", "169.254.169.254"), "http://metadata.test/", True),
        (("mapped.test",), "http://mapped.test/", False),
        (("mapped.test", "10.0.0.0/8"), "http://mapped.test/", False),
        (("mapped.test", "::ffff:0:0/96"), "http://mapped.test/", True),
        (("10.0.0.0/8",), "http://10.200.0.1:5000/", True),
        (("10.0.0.0/8",), "http://11.0.0.1/", False),
        (("10.0.0.0/8",), "http://private.test/", True),
        (("10.0.0.0/8",), "http://mixed.test/", False),
        (("10.0.0.0/8",), "http://public.test/", False),
        (("10.1.2.3:81",), "http://10.1.2.3:81/", True),
        (("10.1.2.3:81",), "http://10.1.2.3/", False),
        (("[::1]:81",), "http://[::1]:81/", True),
        (("::1",), "http://[::1]/", True),
        (("fd00::/8",), "http://[fd12::1]/", True),
        ((), "http://public.test/", True),
        ((), "https://public.test/", True),
        ((), "http://public.test:8080/", False),
        ((), "http://mixed.test/", False),
    ],
)
async def test_a_list_admits_exactly_what_it_says(entries: tuple[str, ...], url: str, allowed: bool) -> None:
    resolver = ScriptedResolver({name: [answer] for name, answer in ANSWERS.items()})
    guard = Guard(FetchSettings(allowed_hosts=entries), resolver)
    target = parse_target(url)
    if allowed:
        # As addresses: Python 3.13 writes mapped ones otherwise.
        expected = [ip_address(address) for address in ANSWERS.get(target.host, [target.host])]
        assert list(await guard.admit(target)) == expected
    else:
        with pytest.raises(UrlNotAllowedError):
            await guard.admit(target)


async def test_a_name_that_no_entry_can_cover_is_not_even_looked_up() -> None:
    resolver = ScriptedResolver({})
    for settings in (FetchSettings(allowed_hosts=("a.test", "10.0.0.1:81")), FetchSettings(allowed_ports=(443,))):
        with pytest.raises(UrlNotAllowedError):
            await Guard(settings, resolver).admit(parse_target("http://secret-data.evil.test/"))

    assert resolver.asked == []


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("1.1.1.1", Reach.PUBLIC),
        ("172.15.255.255", Reach.PUBLIC),
        ("172.32.0.0", Reach.PUBLIC),
        ("2a00:1450::1", Reach.PUBLIC),
        ("10.255.255.255", Reach.PRIVATE),
        ("127.255.0.1", Reach.PRIVATE),
        ("fd00::1", Reach.PRIVATE),
        ("fd00:ec2::254", Reach.SPECIAL),
        ("100.127.255.255", Reach.SPECIAL),
        ("2001:1ff::1", Reach.SPECIAL),
        ("4000::1", Reach.SPECIAL),
        ("::", Reach.SPECIAL),
        ("::7f00:1", Reach.SPECIAL),
    ],
)
def test_where_an_address_leads(address: str, reach: Reach) -> None:
    assert reach_of(ip_address(address)) is reach


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "*",
        "*.",
        "*.10.0.0.1",
        "a b",
        "http://a.test",
        "a.test/path",
        "a.test:0",
        "a.test:65536",
        "a.test:x",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "10.0.0.0/255.0.0.0",
        "::1/0",
        "[::1",
        "0x7f.1",
        "user@a.test",
        "a..test",
    ],
)
def test_a_malformed_entry_is_named(entry: str) -> None:
    with pytest.raises(HostSyntaxError, match=re.escape(repr(entry))):
        parse_rule(entry)
    with pytest.raises(ValueError, match="allowed_hosts"):
        FetchSettings(allowed_hosts=("fine.test", entry))
