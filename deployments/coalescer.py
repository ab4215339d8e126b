"""Requests that wait while calls are under way share the next call.

A slot that is free takes what waits at once, so a lone request is never delayed; when all
slots are busy the waiting requests pile up and leave together. The batch size follows the load
by itself (the "adaptive batching" of Crankshaw et al., Clipper, NSDI 2017, reduced to its queue).

The more slots there are, the fewer items each group holds under load, which costs more an item.
A slot therefore takes further calls of whole groups only: work that cannot get cheaper by waiting.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Generic, TypeVar

from deployments.errors import TooBusyError

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Waiting(Generic[Item, Result]):
    item: Item
    images: int
    size_bytes: int
    answer: asyncio.Future[Result]


class Coalescer(Generic[Item, Result]):
    """Merges concurrent submissions into few calls of ``run``.

    Args:
        run: answers a group of items, one result an item, in order. An exception goes to
            every item of its group and to no other.
        images: how many images an item holds.
        size_bytes: how many bytes an item holds.
        slots: calls of ``run`` under way at once, whatever they hold.
        whole_per_slot: calls of a slot at once where each holds a group to which nothing could be added.
        max_images: most images in a group; an item above it travels alone.
        max_bytes: most bytes in a group; an item above it travels alone.
        max_waiting: images that may wait; past it `submit` raises TooBusyError.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Awaitable[Sequence[Result]]],
        *,
        images: Callable[[Item], int],
        size_bytes: Callable[[Item], int],
        slots: int,
        max_images: int,
        max_bytes: int,
        max_waiting: int,
        whole_per_slot: int = 1,
    ) -> None:
        self._run = run
        self._images = images
        self._size_bytes = size_bytes
        self._slots = slots
        self._whole_per_slot = whole_per_slot
        self._under_way = 0
        self._max_images = max_images
        self._max_bytes = max_bytes
        self._max_waiting = max_waiting
        self._queue: deque[_Waiting[Item, Result]] = deque()
        self._waiting_images = 0
        self._waiting_bytes = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def waiting_images(self) -> int:
        """Images that wait for a slot."""
        return self._waiting_images

    def set_slots(self, slots: int) -> None:
        """Have so many calls under way at once from now on."""
        self._slots = slots
        self._start_groups()

    def check_room(self, images: int) -> None:
        """Say whether so many more images may wait.

        Raises:
            TooBusyError: they may not.
        """
        if self._waiting_images + images > self._max_waiting:
            raise TooBusyError(f"{self._waiting_images} images are waiting already", 1)

    async def submit(self, item: Item) -> Result:
        """The result for ``item``.

        Raises:
            TooBusyError: too many images wait already; nothing was queued.
        """
        (result,) = await self.submit_all([item])
        return result

    async def submit_all(self, items: Sequence[Item]) -> list[Result]:
        """The results for ``items``, which are let in or refused together and may travel apart.

        Raises:
            TooBusyError: too many images wait already; nothing was queued.
        """
        if self._waiting_images:
            self.check_room(sum(map(self._images, items)))
        answers = []
        for item in items:
            images = self._images(item)
            answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
            size_bytes = self._size_bytes(item)
            self._queue.append(_Waiting(item, images, size_bytes, answer))
            self._waiting_images += images
            self._waiting_bytes += size_bytes
            answers.append(answer)
        self._start_groups()
        return await asyncio.gather(*answers)

    def _start_groups(self) -> None:
        while self._under_way < self._slots_now() and (group := self._next_group()):
            self._under_way += 1
            # In no request's context: Serve ends what was begun in it when that one client leaves, and all others
            # of the group would go without an answer.
            task = asyncio.get_running_loop().create_task(self._answer(group), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _slots_now(self) -> int:
        whole = self._waiting_images >= self._max_images or self._waiting_bytes >= self._max_bytes
        return self._slots * self._whole_per_slot if whole else self._slots

    def _next_group(self) -> list[_Waiting[Item, Result]]:
        group: list[_Waiting[Item, Result]] = []
        images = size_bytes = 0
        while self._queue:
            first = self._queue[0]
            if not first.answer.done():
                images += first.images
                size_bytes += first.size_bytes
                if group and (images > self._max_images or size_bytes > self._max_bytes):
                    break
                group.append(first)
            # A client that left before its turn is dropped here, unread.
            self._queue.popleft()
            self._waiting_images -= first.images
            self._waiting_bytes -= first.size_bytes
        return group

    async def _answer(self, group: list[_Waiting[Item, Result]]) -> None:
        try:
            results = await self._run([waiting.item for waiting in group])
            for waiting, result in zip(group, results, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(result)
        except Exception as e:  # noqa: BLE001 - whatever it is, it belongs to those who wait for it
            for waiting in group:
                if not waiting.answer.done():
                    waiting.answer.set_exception(e)
        finally:
            self._under_way -= 1
            self._start_groups()
