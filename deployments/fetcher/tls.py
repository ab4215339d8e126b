"""TLS contexts of the downloads: one for everybody, one for listed hosts with legacy servers."""

import ssl

import httpx

from deployments.errors import ConfigError
from deployments.fetcher.allowlist import parse_rule
from deployments.fetcher.hostname import literal_address
from deployments.fetcher.target import Target
from deployments.settings.fetch import FetchSettings

# Python names it from 3.12 on; the value is OpenSSL's. It waives RFC 5746.
OP_LEGACY_SERVER_CONNECT = 0x4


class TlsContexts:
    """Verified TLS for every host.

    Args:
        settings: further authorities, and the hosts that may skip secure renegotiation.

    Raises:
        ConfigError: ``ca_file`` cannot be read as PEM certificates.
    """

    def __init__(self, settings: FetchSettings) -> None:
        self._legacy_rules = tuple(parse_rule(entry) for entry in settings.legacy_tls_hosts)
        self._strict = _context(settings)
        self._legacy = _context(settings, legacy=True) if self._legacy_rules else self._strict

    def of(self, target: Target) -> ssl.SSLContext:
        """The context for a target's host."""
        return self._legacy if self.is_legacy(target) else self._strict

    def is_legacy(self, target: Target) -> bool:
        """Whether the operator listed this host for legacy renegotiation."""
        address = literal_address(target.host)
        return any(
            rule.names(target.host, target.port) or (address is not None and rule.holds(address, target.port))
            for rule in self._legacy_rules
        )


def _context(settings: FetchSettings, *, legacy: bool = False) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if legacy:
        context.options |= OP_LEGACY_SERVER_CONNECT
    else:
        # Some distributions of OpenSSL permit it by default.
        context.options &= ~OP_LEGACY_SERVER_CONNECT
    if settings.ca_file is not None:
        try:
            context.load_verify_locations(cafile=settings.ca_file)
        except (OSError, ssl.SSLError) as e:
            raise ConfigError(f"fetch.ca_file: {settings.ca_file} holds no readable PEM certificates") from e
    return context
