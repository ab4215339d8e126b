"""Taking in a body that nobody wants, so that its sender gets to read why."""

import asyncio

from starlette.types import Receive

from deployments.settings.limits import MEBIBYTE

_MOST_BYTES = 512 * MEBIBYTE
_MOST_S = 10.0


async def drain(receive: Receive) -> bool:
    """Take in the rest of a body, keeping none of it; say whether it came to its end.

    Closing a connection with bytes unread resets it, and a reset discards an answer still under way
    (RFC 9112, section 9.6).
    """
    taken = 0
    try:
        async with asyncio.timeout(_MOST_S):
            while taken <= _MOST_BYTES:
                message = await receive()
                taken += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    except TimeoutError:
        pass
    return False
