"""The ingress's end of a lane."""

import asyncio
import itertools
import logging
import pickle
import socket
from collections.abc import Callable
from typing import Any

from ray.exceptions import ActorUnavailableError

from deployments.lane.frames import HAVE_LANES, Frames, address_of, is_ours

logger = logging.getLogger(__name__)


class Lane(Frames):
    """A connection to a recognizer replica; made by ``connect``.

    Args:
        actor_id: of the replica, for errors.
    """

    def __init__(self, actor_id: bytes) -> None:
        super().__init__()
        self._actor_id = actor_id
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    @property
    def is_open(self) -> bool:
        """Whether calls can be made."""
        return self._transport is not None

    @property
    def under_way(self) -> int:
        """Calls that wait for their answer."""
        return len(self._waiting)

    def call(self, argument: object) -> asyncio.Future[Any]:
        """Call the replica; the answer, what it raised, or ActorUnavailableError should the connection fall."""
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if not self.is_open:
            answer.set_exception(self._fallen())
            return answer
        self._waiting[number] = answer
        self.send(number, pickle.dumps(argument, protocol=pickle.HIGHEST_PROTOCOL))
        return answer

    def received(self, number: int, value: bytes) -> None:
        """Hand an answer to who waits for it."""
        answer = self._waiting.pop(number)
        if answer.done():
            return
        went_well, told = pickle.loads(value)  # noqa: S301 - from our own user
        if went_well:
            answer.set_result(told)
        else:
            answer.set_exception(told)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell all who wait."""
        super().connection_lost(exc)
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            if not answer.done():
                answer.set_exception(self._fallen())

    def _fallen(self) -> ActorUnavailableError:
        return ActorUnavailableError("its connection fell", self._actor_id)


async def connect(replica: str, actor_id: bytes, use: Callable[[Lane], None]) -> None:
    """Connect to a replica and hand on the lane; do nothing if the replica has none that this process can reach."""
    if not HAVE_LANES:
        return
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_connect(end, address_of(replica))
        # Before there is a transport: uvloop forgets the socket of one that is closed as soon as it is made.
        if not is_ours(end):
            logger.warning("a lane's other end is not ours, calls take Serve's own way", extra={"replica_id": replica})
            end.close()
            return
        _, lane = await loop.create_unix_connection(lambda: Lane(actor_id), sock=end)
    except OSError:
        end.close()
        return
    use(lane)
