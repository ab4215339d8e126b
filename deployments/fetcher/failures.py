"""What the HTTP client's errors mean to whoever named the URL."""

import ssl
from collections.abc import Iterator

import aiohttp

from deployments.errors import LinkUnreachableError

HTTP_FAILURES = (aiohttp.ClientError,)
"""Every error of the HTTP client descends from one of these."""

_LEGACY_TLS = "UNSAFE_LEGACY_RENEGOTIATION_DISABLED"


def unreachable(error: Exception, *, connect_timeout_s: float) -> LinkUnreachableError:
    """Say in a client's words why a download failed; the library's own words stay in the cause.

    Args:
        error: one of HTTP_FAILURES.
        connect_timeout_s: the limit that a timeout passed.
    """
    if isinstance(error, aiohttp.ServerTimeoutError):
        return LinkUnreachableError(f"image_url: no connection within {connect_timeout_s:g} s")
    if isinstance(error, aiohttp.ClientConnectorError):
        return LinkUnreachableError(f"image_url: {_connect_failure(error)}")
    if isinstance(error, OSError):
        return LinkUnreachableError("image_url: the connection broke before the whole answer had arrived")
    return LinkUnreachableError("image_url: what answered did not speak HTTP, or stopped before the end")


def _connect_failure(error: aiohttp.ClientConnectorError) -> str:
    causes = list(_causes(error.__cause__ or error.__context__))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "the server's TLS certificate is not valid for this host"
        if isinstance(cause, ssl.SSLError):
            if cause.reason == _LEGACY_TLS:
                return (
                    "the server needs legacy TLS renegotiation; the operator can list the host in "
                    "fetch.legacy_tls_hosts"
                )
            return "the TLS handshake failed"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "the connection was refused"
    return "no connection could be made"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
