"""The one spelling of a host: strict, so that no two parsers can read a host differently.

Accepted are host names (RFC 1123 letters, digits, hyphens; underscores as seen in the field;
internationalised names by IDNA 2008, RFC 5891, without the lenient mapping of UTS 46), dotted-quad IPv4 and
plain IPv6 addresses. Refused are the other spellings of IPv4 that C libraries take (decimal, octal,
hexadecimal, short), look-alike dots and digits, percent-encoding, zone ids and trailing dots.
"""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import idna

from ocr_model.errors import GlyphserveError

MAX_HOST_LENGTH = 253  # RFC 1035, as text without the trailing dot


_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# A name whose last label is a number is an IPv4 address in some spelling (WHATWG URL, "ends in a number").
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


class HostSyntaxError(GlyphserveError, ValueError):
    """A host that is not spelt strictly; the message is a clause for "the host ...".

    Also a ValueError, so that a settings validator may let it pass.
    """


def canonical_host(text: str) -> str:
    """Return the host in its one canonical form: lower-case ASCII, an IPv6 address without brackets.

    Args:
        text: the host part of a URL, an IPv6 address in brackets.

    Raises:
        HostSyntaxError: the host is misspelt, or spelt in a way that parsers disagree on.
    """
    if text.startswith("["):
        return _ipv6(text)
    host = text.translate(_ASCII_LOWER)
    if not host.isascii():
        host = _idna_encode(host)
    labels = host.split(".")
    if not host or "" in labels:
        raise HostSyntaxError("is empty or has an empty part")
    if len(host) > MAX_HOST_LENGTH:
        raise HostSyntaxError(f"is longer than {MAX_HOST_LENGTH} characters")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(host)
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise HostSyntaxError("holds a character that host names cannot have")
    _check_encoded_labels(labels)
    return host


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a canonical host spells, or None for a name."""
    try:
        return IPv6Address(host) if ":" in host else IPv4Address(host)
    except AddressValueError:
        return None


def _idna_encode(host: str) -> str:
    try:
        return idna.encode(host, strict=True).decode("ascii")
    except idna.IDNAError as e:
        raise HostSyntaxError("is not a valid internationalised name") from e


def _check_encoded_labels(labels: list[str]) -> None:
    for label in labels:
        if label.startswith("xn--"):
            try:
                idna.ulabel(label)
            except idna.IDNAError as e:
                raise HostSyntaxError("is not a valid internationalised name") from e


def _ipv4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except AddressValueError as e:
        raise HostSyntaxError("is a number but not an IPv4 address of four decimal parts") from e


def _ipv6(text: str) -> str:
    if not text.endswith("]") or "%" in text:
        raise HostSyntaxError("is not a plain IPv6 address in brackets")
    try:
        return str(IPv6Address(text[1:-1]))
    except AddressValueError as e:
        raise HostSyntaxError("is not a plain IPv6 address in brackets") from e
