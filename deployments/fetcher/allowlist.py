"""The operator's list of hosts: what one entry says, and what it covers."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from deployments.fetcher.addresses import Address, Network
from deployments.fetcher.hostname import HostSyntaxError, canonical_host, literal_address

_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*):(?P<port>[1-9][0-9]{0,4})")
MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class HostRule:
    """One entry: a name, every name below a domain, or a range of addresses; on one port or all.

    Attributes:
        name: the canonical host name; for a wildcard the domain above the names it covers; None for a range.
        wildcard: the entry covers the names below ``name``, not ``name`` itself.
        network: the range of addresses; None for a name.
        port: the only port it covers, or None for all.
    """

    name: str | None
    wildcard: bool
    network: Network | None
    port: int | None

    def names(self, host: str, port: int) -> bool:
        """Whether this entry covers a host by its name."""
        if self.name is None or self.port not in {None, port}:
            return False
        return host.endswith(f".{self.name}") if self.wildcard else host == self.name

    def holds(self, address: Address, port: int) -> bool:
        """Whether this entry covers an address by its range."""
        return self.network is not None and self.port in {None, port} and address in self.network


def parse_rule(text: str) -> HostRule:
    """Read an entry: ``host``, ``*.domain`` or an address, each with ``:port`` or not; or a CIDR range.

    Raises:
        HostSyntaxError: the entry is none of these.
    """
    entry = text.strip()
    try:
        if "/" in entry:
            return HostRule(name=None, wildcard=False, network=_network(entry), port=None)
        host, port = _split_port(entry)
        wildcard = host.startswith("*.")
        name = canonical_host(host[2:] if wildcard else host)
    except HostSyntaxError as e:
        raise HostSyntaxError(f"{text!r}: the host {e}") from e
    address = literal_address(name)
    if address is None:
        return HostRule(name=name, wildcard=wildcard, network=None, port=port)
    if wildcard:
        raise HostSyntaxError(f"{text!r}: only a name can follow '*.'")
    return HostRule(name=None, wildcard=False, network=_single(address), port=port)


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.count(":") > 1 and not entry.startswith("["):
        return f"[{entry}]", None
    match = _PORT.fullmatch(entry)
    if match is None:
        return entry, None
    port = int(match["port"])
    if port > MAX_PORT:
        raise HostSyntaxError(f"has a port above {MAX_PORT}")
    return match["host"], port


def _network(entry: str) -> Network:
    base, _, prefix = entry.partition("/")
    try:
        return IPv6Network(entry) if ":" in base else IPv4Network(f"{base}/{int(prefix)}")
    except ValueError as e:
        raise HostSyntaxError(f"range is not one (host bits set, or not address/prefix length): {e}") from e


def _single(address: Address) -> Network:
    return IPv4Network(address) if isinstance(address, IPv4Address) else IPv6Network(address)
