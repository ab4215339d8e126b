"""Decides where a download may go: by the operator's list, or else to public addresses only."""

import logging

from deployments.errors import LinkUnreachableError, UrlNotAllowedError
from deployments.fetcher.addresses import Address, Reach, reach_of
from deployments.fetcher.allowlist import parse_rule
from deployments.fetcher.hostname import literal_address
from deployments.fetcher.resolver import Resolver, resolve
from deployments.fetcher.target import Target
from deployments.settings.fetch import FetchSettings

_log = logging.getLogger(__name__)


class Guard:
    """Turns a target into the addresses that may be dialled for it.

    Args:
        settings: the operator's rules.
        resolver: finds a name's addresses; asked once for each call of ``admit``.
    """

    def __init__(self, settings: FetchSettings, resolver: Resolver) -> None:
        self._rules = tuple(parse_rule(entry) for entry in settings.allowed_hosts)
        self._ports = frozenset(settings.allowed_ports)
        self._resolver = resolver

    async def admit(self, target: Target) -> tuple[Address, ...]:
        """Resolve the target's host and require that every one of its addresses is allowed.

        Raises:
            UrlNotAllowedError: the port, the host, or any of its addresses is not allowed; the message does
                not say where a name leads.
            LinkUnreachableError: the name does not resolve.
        """
        self._check_before_resolving(target)
        literal = literal_address(target.host)
        addresses = (literal,) if literal is not None else await self._resolve(target)
        refused = [address for address in addresses if not self._allows(target, address)]
        if refused:
            _log.info("refused a download from %s:%d: leads to %s", target.host, target.port, refused)
            if self._rules:
                raise _not_listed(target)
            raise UrlNotAllowedError(
                f"{target.called} does not lead to a public address; the operator can list the host in "
                "fetch.allowed_hosts"
            )
        return addresses

    def _check_before_resolving(self, target: Target) -> None:
        """Refuse without a name lookup what no address could make right."""
        if not self._rules:
            if target.port not in self._ports:
                ports = ", ".join(str(port) for port in sorted(self._ports))
                raise UrlNotAllowedError(f"{target.called} names port {target.port}; allowed are {ports}")
            return
        by_range = any(rule.network is not None and rule.port in {None, target.port} for rule in self._rules)
        if not by_range and not any(rule.names(target.host, target.port) for rule in self._rules):
            raise _not_listed(target)

    def _allows(self, target: Target, address: Address) -> bool:
        reach = reach_of(address)
        if not self._rules:
            return reach is Reach.PUBLIC
        if any(rule.holds(address, target.port) for rule in self._rules):
            return True
        named_by = [rule for rule in self._rules if rule.names(target.host, target.port)]
        # Whoever owns a domain can add names to it: only an exact name is trusted to be private on purpose.
        private_too = any(not rule.wildcard for rule in named_by)
        return bool(named_by) and (reach is Reach.PUBLIC or (reach is Reach.PRIVATE and private_too))

    async def _resolve(self, target: Target) -> tuple[Address, ...]:
        try:
            return await resolve(self._resolver, target.host, target.port)
        except OSError as e:
            raise LinkUnreachableError(f"{target.called}: its host name could not be resolved") from e


def _not_listed(target: Target) -> UrlNotAllowedError:
    return UrlNotAllowedError(f"{target.called} leads to a host that is not in fetch.allowed_hosts")
