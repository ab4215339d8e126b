"""A URL, taken apart once and strictly; what is checked is what is dialled."""

import re
from dataclasses import dataclass, field

import httpx

from deployments.errors import UrlNotAllowedError
from deployments.fetcher.allowlist import MAX_PORT
from deployments.fetcher.hostname import HostSyntaxError, canonical_host

MAX_URL_LENGTH = 2_048
_REDIRECT = "a redirect of image_url"
_DEFAULT_PORTS = {"http": 80, "https": 443}

_PRINTABLE = re.compile(r"[^\x00-\x20\x7f-\xa0\\]*")
# RFC 3986, appendix B, narrowed: a scheme, two slashes, an authority, the rest.
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)[/?#]?.*", re.DOTALL)
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]@]*\]|[^:@\[\]]*)(?::(?P<port>[1-9][0-9]{0,4}))?")


@dataclass(frozen=True, slots=True)
class Target:
    """One hop of a download.

    Attributes:
        scheme: ``http`` or ``https``.
        host: canonical host, see ``canonical_host``.
        port: TCP port, the scheme's default where the URL names none.
        url: the URL with exactly these parts, percent-encoded; never shown, it may hold a secret.
        called: what to call it before a client: the field, or a redirect of it.
    """

    scheme: str
    host: str
    port: int
    url: httpx.URL = field(repr=False)
    called: str = "image_url"


def parse_target(text: str, *, called: str = "image_url") -> Target:
    """Take a URL apart.

    Args:
        text: the URL as given.
        called: what to call it in errors.

    Raises:
        UrlNotAllowedError: not http or https, longer than ``MAX_URL_LENGTH``, with credentials, whitespace,
            backslashes, a port outside 1 to 65535, or a host that ``canonical_host`` refuses.
    """
    if len(text) > MAX_URL_LENGTH:
        raise UrlNotAllowedError(f"{called} is longer than {MAX_URL_LENGTH} characters")
    if _PRINTABLE.fullmatch(text) is None:
        raise UrlNotAllowedError(f"{called} holds whitespace, a control character or a backslash")
    match = _URL.fullmatch(text)
    scheme = match["scheme"].lower() if match else ""
    if match is None or scheme not in _DEFAULT_PORTS:
        raise UrlNotAllowedError(f"{called} must begin with http:// or https://")
    host, port = _split_authority(match["authority"], called)
    return _build(text, scheme, host, port or _DEFAULT_PORTS[scheme], called)


def join_target(base: Target, location: str) -> Target:
    """Take apart the URL that a redirect's ``Location`` leads to, which may be relative.

    Raises:
        UrlNotAllowedError: as ``parse_target``.
    """
    if len(location) > MAX_URL_LENGTH or _PRINTABLE.fullmatch(location) is None:
        raise UrlNotAllowedError(f"{_REDIRECT} is not a plain URL")
    try:
        return parse_target(str(base.url.join(location)), called=_REDIRECT)
    except httpx.InvalidURL as e:
        raise UrlNotAllowedError(f"{_REDIRECT} is not a plain URL") from e


def _split_authority(authority: str, called: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise UrlNotAllowedError(f"{called} must not carry credentials")
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise UrlNotAllowedError(f"{called}'s host and port are not written as host or host:port")
    port = int(match["port"]) if match["port"] else None
    if port is not None and port > MAX_PORT:
        raise UrlNotAllowedError(f"{called}'s port is above {MAX_PORT}")
    try:
        return canonical_host(match["host"]), port
    except HostSyntaxError as e:
        raise UrlNotAllowedError(f"{called}'s host {e}") from e


def _build(text: str, scheme: str, host: str, port: int, called: str) -> Target:
    try:
        url = httpx.URL(text).copy_with(scheme=scheme, host=host, port=port, fragment=None)
    except httpx.InvalidURL as e:
        raise UrlNotAllowedError(f"{called} is malformed") from e
    # Belt and braces: the library that writes the request must have read the same origin.
    if (url.scheme, url.raw_host.decode("ascii"), url.port or _DEFAULT_PORTS[scheme]) != (scheme, host, port):
        raise UrlNotAllowedError(f"{called} is malformed")
    return Target(scheme=scheme, host=host, port=port, url=url, called=called)
