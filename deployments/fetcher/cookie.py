"""The session cookie: sent exactly as given, or not at all.

Escaping would change the session id that the site knows; sending anything else raw would let it write further
cookies or headers.
"""

import re

from deployments.errors import RequestError
from deployments.status import Status

MAX_SESSION_LENGTH = 4_096

# RFC 6265, section 4.1.1: cookie-octet, the whole of it in double quotes or not.
_OCTETS = r"[!#-+\--:<-\[\]-~]*"
_VALUE = re.compile(rf'{_OCTETS}|"{_OCTETS}"')


def cookie_header(name: str, session_id: str) -> str:
    """The value of the ``Cookie`` header that carries a session.

    Args:
        name: the cookie's name, an RFC 6265 token.
        session_id: the cookie's value.

    Raises:
        RequestError: EMPTY_SESSION, or INVALID_REQUEST for a value that a cookie cannot carry.
    """
    if not session_id:
        raise RequestError(Status.EMPTY_SESSION, "session_id is empty")
    if len(session_id) > MAX_SESSION_LENGTH:
        raise RequestError(Status.INVALID_REQUEST, f"session_id is longer than {MAX_SESSION_LENGTH} characters")
    if _VALUE.fullmatch(session_id) is None:
        raise RequestError(
            Status.INVALID_REQUEST,
            "session_id holds a character that a cookie cannot carry (whitespace, a control character, a "
            "quote, a comma, a semicolon, a backslash or one outside ASCII)",
        )
    return f"{name}={session_id}"
