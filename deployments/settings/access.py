"""Who may do what: named keys, and what counts as this machine's own loopback."""

import functools
import ipaddress
from typing import Annotated

from pydantic import AfterValidator, SecretStr

MIN_KEY_CHARACTERS = 16


def _long_enough(keys: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, key in keys.items():
        if len(key.get_secret_value()) < MIN_KEY_CHARACTERS:
            raise ValueError(f"key {name!r} is shorter than {MIN_KEY_CHARACTERS} characters")
    return keys


NamedKeys = Annotated[dict[str, SecretStr], AfterValidator(_long_enough)]
"""Keys by name, each of at least 16 characters; the name may be logged, the key never."""


@functools.lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether a host name or address text means this machine's loopback."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)
