"""Messages on a lane: a number that pairs answer and call, and a pickled value, behind their length.

Pickle is what Serve's own calls are made of; who is not of our own user cannot connect (see ``is_ours``).
"""

import asyncio
import os
import socket
import struct
from abc import ABC, abstractmethod
from typing import cast

_HEAD = struct.Struct("<QQ")
"""Call's number, bytes of the value."""

_CREDENTIALS = struct.Struct("3i")
"""Process, user and group at the other end (unix(7), SO_PEERCRED)."""

HAVE_LANES = hasattr(socket, "AF_UNIX") and hasattr(socket, "SO_PEERCRED")
"""Whether this system has sockets whose name needs no file and that tell who is at their other end: Linux."""


def address_of(replica: str) -> str:
    """The name, in Linux's abstract namespace, under which a replica listens."""
    return f"\0glyphserve-lane-{replica}"


class Frames(asyncio.Protocol, ABC):
    """Cuts what comes in into messages; one connection's state."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    @abstractmethod
    def received(self, number: int, value: bytes) -> None:
        """Take a message."""

    def send(self, number: int, value: bytes) -> None:
        """Send a message; nothing happens once the connection is lost."""
        if self._transport is not None:
            self._transport.writelines((_HEAD.pack(number, len(value)), value))

    def close(self) -> None:
        """End the connection, now."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio tells that the connection stands."""
        if not is_ours(transport.get_extra_info("socket")):
            transport.close()
            return
        # Not a question of its class: uvloop's transports are none of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio tells that it fell."""
        del exc
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Asyncio tells what came."""
        self._buffer += data
        while len(self._buffer) >= _HEAD.size:
            number, size = _HEAD.unpack_from(self._buffer)
            end = _HEAD.size + size
            if len(self._buffer) < end:
                return
            value = bytes(self._buffer[_HEAD.size : end])
            del self._buffer[:end]
            self.received(number, value)


def is_ours(end: socket.socket) -> bool:
    """Whether the other end of a connection belongs to the user that this process belongs to."""
    told = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(told)[1] == os.geteuid())
