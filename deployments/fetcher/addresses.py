"""Which addresses a stranger's URL may lead to.

Sources: the IANA special-purpose registries (RFC 6890 and successors) through ``ipaddress.is_global``, plus
blocks that count as global there, or do in some Python version, yet lead somewhere else: translation and
tunnel prefixes that carry an IPv4 address inside (RFC 6052, 8215, 3056, 4380), and the clouds' metadata services.
"""

from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Reach(Enum):
    """Where an address leads."""

    PUBLIC = "public"
    PRIVATE = "private"  # the operator's own network or machine: allowed where the host is listed by name
    SPECIAL = "special"  # metadata, link-local, multicast, tunnels, ...: allowed where the address is listed


_PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)
_SPECIAL = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # carrier-grade NAT; one provider's metadata service is in it
    IPv4Network("168.63.129.16/32"),  # a cloud's host agent
    IPv4Network("169.254.0.0/16"),  # link-local; most metadata services
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("198.18.0.0/15"),
    IPv4Network("224.0.0.0/3"),  # multicast and reserved
    IPv6Network("2001::/23"),  # Teredo, ORCHID and other protocol assignments
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),
    IPv6Network("fd00:ec2::/32"),  # a cloud's metadata service, inside the private range
)
# All global unicast IPv6 is in here (RFC 4291); IPv4-mapped, IPv4-compatible and NAT64 forms are not.
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def reach_of(address: Address) -> Reach:
    """Say where an address leads; what no rule knows is SPECIAL."""
    if within(address, _SPECIAL):
        return Reach.SPECIAL
    if within(address, _PRIVATE):
        return Reach.PRIVATE
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return Reach.SPECIAL
    return Reach.PUBLIC if address.is_global and not address.is_multicast else Reach.SPECIAL


def within(address: Address, networks: tuple[Network, ...]) -> bool:
    """Whether any of the networks, of either IP version, holds the address."""
    return any(address in network for network in networks)
