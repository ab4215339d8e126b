"""The service's port, and who may reach it."""

from collections.abc import Iterator

from pydantic import SecretStr

from deployments.cluster.lock import holder
from deployments.cluster.ports import holder_of, is_free
from deployments.doctor.finding import Finding, advice, problem
from deployments.doctor.place import Place

_FEWEST_DIFFERENT = 8
"""Characters of a key that differ: a random one of 16 has more."""
_NEW_KEY = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))' makes one"


def port(place: Place) -> Iterator[Finding]:
    """The service's port is free, or ours."""
    if holder(place.paths.lock) is not None:
        return
    host, number = place.settings.host, place.settings.port
    try:
        free = is_free(host, number)
    except OSError as e:
        yield problem(
            f"no program can listen at {host} port {number}: {e.strerror or e}",
            "set host to an address of this machine (127.0.0.1, or 0.0.0.0 for all of them)",
        )
        return
    if not free:
        who = holder_of(number) or "another process"
        yield problem(f"port {number} is taken by {who}", "end that, or choose another with --port or GLYPHSERVE_PORT")


def keys(place: Place) -> Iterator[Finding]:
    """A service that others reach has keys, and nobody guesses them."""
    settings = place.settings
    for kind, given in (("admin", settings.admin_keys), ("read", settings.read_keys)):
        for name, key in given.items():
            if _guessable(key):
                yield problem(f"the {kind} key {name!r} repeats few characters", f"replace it: {_NEW_KEY}")
    if settings.loopback_only:
        return
    where = f"the service listens on {settings.host}, beyond this machine"
    if not settings.admin_keys:
        yield problem(
            f"{where}, without an admin key: nobody can correct, retrain or roll back",
            f'set GLYPHSERVE_ADMIN_KEYS=\'{{"ops": "..."}}\'; {_NEW_KEY}',
        )
    if not settings.read_keys:
        yield advice(
            f"{where}, without a read key: everybody who reaches it can read images, and see those that were read",
            "set GLYPHSERVE_READ_KEYS likewise, if that is not meant",
        )


def _guessable(key: SecretStr) -> bool:
    return len(set(key.get_secret_value())) < _FEWEST_DIFFERENT
