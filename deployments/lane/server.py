"""The recognizer's end of a lane."""

import asyncio
import logging
import pickle
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from ray import serve
from ray.serve.exceptions import RayServeException

from deployments.lane.frames import HAVE_LANES, Frames, address_of

logger = logging.getLogger(__name__)


def open_lane(work: Callable[[Any], Awaitable[Any]]) -> None:
    """Let ingress replicas of this machine call ``work`` directly, for as long as this process lives.

    Call it in a deployment's constructor. Outside a replica, and where it cannot be, it does nothing.
    """
    try:
        replica = serve.get_replica_context().replica_id.unique_id
        loop = asyncio.get_running_loop()
    except (RayServeException, RuntimeError):
        return
    if HAVE_LANES:
        _tasks.add(loop.create_task(listen(replica, work)))


_tasks: set[asyncio.Task[asyncio.Server | None]] = set()
"""Held here, for the event loop itself holds tasks loosely."""


async def listen(replica: str, work: Callable[[Any], Awaitable[Any]]) -> asyncio.Server | None:
    """Answer calls to a replica of this name; None if the name is taken, by whom else should not matter."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        door.bind(address_of(replica))
        return await asyncio.get_running_loop().create_unix_server(lambda: _Caller(work), sock=door)
    except OSError:
        logger.warning("no lane, calls take Serve's own way", exc_info=True)
        door.close()
        return None


class _Caller(Frames):
    """A connection from an ingress replica."""

    def __init__(self, work: Callable[[Any], Awaitable[Any]]) -> None:
        super().__init__()
        self._work = work
        self._under_way: set[asyncio.Task[None]] = set()

    def received(self, number: int, value: bytes) -> None:
        """Begin to answer a call."""
        task = asyncio.get_running_loop().create_task(self._answer(number, value))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def connection_lost(self, exc: Exception | None) -> None:
        """Work on for nobody no longer."""
        super().connection_lost(exc)
        for task in self._under_way:
            task.cancel()

    async def _answer(self, number: int, value: bytes) -> None:
        told: tuple[bool, Any]
        try:
            told = True, await self._work(pickle.loads(value))  # noqa: S301 - from our own user
        except Exception as e:  # noqa: BLE001 - the caller's to judge
            told = False, e
        try:
            answer = pickle.dumps(told, protocol=pickle.HIGHEST_PROTOCOL)
        except Exception:
            logger.exception("an answer cannot be sent")
            answer = pickle.dumps((False, RuntimeError("the answer cannot be sent")))
        self.send(number, answer)
