"""One request's wait for its commit, and the bounded line it waits in."""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from deployments.archive.entries import NewRecognition
from deployments.errors import StorageError, TooBusyError

_RETRY_AFTER_S = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one request wants stored, whole or not at all.

    Attributes:
        entries: its images, in order.
        ids: their ids, in the same order.
        size_bytes: of all its images.
        done: resolved on its own event loop when the entries are durable, or with the failure.
        loop: that event loop.
    """

    entries: Sequence[NewRecognition]
    ids: list[str]
    size_bytes: int
    done: asyncio.Future[None]
    loop: asyncio.AbstractEventLoop


class Line:
    """First come, first served; many event loops put, one thread takes groups.

    Args:
        group_max_images: images in a group at most, unless one request alone has more.
        group_max_bytes: bytes in a group at most, likewise.
        queue_max_images: images that may wait, unless the line is empty.
        queue_max_bytes: bytes that may wait, likewise.
    """

    def __init__(
        self, *, group_max_images: int, group_max_bytes: int, queue_max_images: int, queue_max_bytes: int
    ) -> None:
        self._group_max_images = group_max_images
        self._group_max_bytes = group_max_bytes
        self._queue_max_images = queue_max_images
        self._queue_max_bytes = queue_max_bytes
        self._waiting: deque[Waiting] = deque()
        self._images = 0
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, one: Waiting) -> None:
        """Join the line.

        Raises:
            TooBusyError: the line is full.
            StorageError: the line is closed.
        """
        with self._changed:
            if self._closed:
                raise StorageError("the service is shutting down")
            if self._waiting and (
                self._images + len(one.entries) > self._queue_max_images
                or self._bytes + one.size_bytes > self._queue_max_bytes
            ):
                raise TooBusyError("too many images wait to be stored", _RETRY_AFTER_S)
            self._waiting.append(one)
            self._images += len(one.entries)
            self._bytes += one.size_bytes
            self._changed.notify()

    def take(self) -> list[Waiting]:
        """Wait for requests, take as many as fit a group; empty when the line is closed and drained.

        Requests whose client has gone meanwhile are left out.
        """
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return []
                if group := self._group():
                    return group

    def close(self) -> None:
        """Let nobody join any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _group(self) -> list[Waiting]:
        group: list[Waiting] = []
        images = size_bytes = 0
        while self._waiting:
            first = self._waiting[0]
            images += len(first.entries)
            size_bytes += first.size_bytes
            if group and (images > self._group_max_images or size_bytes > self._group_max_bytes):
                break
            self._waiting.popleft()
            self._images -= len(first.entries)
            self._bytes -= first.size_bytes
            if first.done.cancelled():
                images -= len(first.entries)
                size_bytes -= first.size_bytes
            else:
                group.append(first)
        return group
