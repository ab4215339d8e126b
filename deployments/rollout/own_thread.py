"""Calls that may hang, each in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_own_thread(call: Callable[[], T]) -> T:
    """Await ``call``, run in a fresh daemon thread.

    A pool would do until as many calls hang as it has threads, and then nothing more would ever run.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]  # None only where T allows it

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = call()
        except BaseException as e:  # noqa: BLE001 - whatever it is, it belongs to the caller
            error = e
        loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="own-thread", daemon=True).start()
    return await answer
