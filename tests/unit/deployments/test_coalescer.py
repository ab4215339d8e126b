import asyncio
from contextvars import ContextVar

import pytest

from deployments.coalescer import Coalescer
from deployments.errors import TooBusyError


class Calls:
    """Records each group and answers it when the test opens the gate."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.gate = asyncio.Event()
        self.started = asyncio.Semaphore(0)

    async def __call__(self, items: list[str]) -> list[str]:
        self.groups.append(items)
        self.started.release()
        await self.gate.wait()
        return [item.upper() for item in items]


def coalescer(
    calls: Calls,
    *,
    slots: int = 1,
    whole_per_slot: int = 1,
    max_images: int = 4,
    max_bytes: int = 100,
    max_waiting: int = 100,
) -> Coalescer[str, str]:
    return Coalescer[str, str](
        calls,
        images=len,
        size_bytes=len,
        slots=slots,
        whole_per_slot=whole_per_slot,
        max_images=max_images,
        max_bytes=max_bytes,
        max_waiting=max_waiting,
    )


async def test_a_lone_item_leaves_at_once() -> None:
    calls = Calls()
    calls.gate.set()
    assert await coalescer(calls).submit("a") == "A"


async def test_items_that_wait_share_the_next_call_in_order() -> None:
    calls = Calls()
    queue = coalescer(calls)
    first = asyncio.create_task(queue.submit("a"))
    await calls.started.acquire()
    rest = [asyncio.create_task(queue.submit(item)) for item in "bcde"]
    await asyncio.sleep(0)
    assert queue.waiting_images == 4
    calls.gate.set()
    assert await asyncio.gather(first, *rest) == ["A", "B", "C", "D", "E"]
    assert calls.groups == [["a"], ["b", "c", "d", "e"]]
    assert queue.waiting_images == 0


@pytest.mark.parametrize(
    ("limits", "groups"),
    [
        ({"max_images": 2}, [["x"], ["b", "c"], ["dd"], ["eee"], ["f"]]),
        ({"max_images": 100, "max_bytes": 3}, [["x"], ["b", "c"], ["dd"], ["eee"], ["f"]]),
        ({"max_images": 4}, [["x"], ["b", "c", "dd"], ["eee", "f"]]),
    ],
)
async def test_groups_keep_the_limits_and_a_large_item_travels_alone(
    limits: dict[str, int], groups: list[list[str]]
) -> None:
    calls = Calls()
    queue = coalescer(calls, **limits)
    tasks = [asyncio.create_task(queue.submit("x"))]
    await calls.started.acquire()
    tasks += [asyncio.create_task(queue.submit(item)) for item in ("b", "c", "dd", "eee", "f")]
    await asyncio.sleep(0)
    calls.gate.set()
    await asyncio.gather(*tasks)
    assert calls.groups == groups


async def test_slots_bound_the_calls_under_way() -> None:
    calls = Calls()
    queue = coalescer(calls, slots=2)
    tasks = [asyncio.create_task(queue.submit(item)) for item in "abcd"]
    await calls.started.acquire()
    await calls.started.acquire()
    assert calls.groups == [["a"], ["b"]]
    calls.gate.set()
    await asyncio.gather(*tasks)
    assert calls.groups == [["a"], ["b"], ["c", "d"]]


@pytest.mark.parametrize("limit", [{"max_images": 2}, {"max_images": 9, "max_bytes": 2}])
async def test_a_slot_takes_further_calls_of_whole_groups_only(limit: dict[str, int]) -> None:
    calls = Calls()
    queue = coalescer(calls, whole_per_slot=2, **limit)
    tasks = [asyncio.create_task(queue.submit(item)) for item in "ab"]
    await calls.started.acquire()
    assert calls.groups == [["a"]], "nothing could be added to the second only once it holds two"
    tasks += [asyncio.create_task(queue.submit(item)) for item in "cdef"]
    await calls.started.acquire()
    assert calls.groups == [["a"], ["b", "c"]], "and it is the last of two"
    calls.gate.set()
    assert "".join(await asyncio.gather(*tasks)) == "ABCDEF"
    assert calls.groups == [["a"], ["b", "c"], ["d", "e"], ["f"]]


async def test_a_failure_reaches_its_own_group_only() -> None:
    async def run(items: list[str]) -> list[str]:
        if "bad" in items:
            raise ValueError("broken")
        return items

    queue = Coalescer[str, str](
        run, images=lambda _: 1, size_bytes=len, slots=1, max_images=1, max_bytes=100, max_waiting=100
    )
    results = await asyncio.gather(*map(queue.submit, ["a", "bad", "c"]), return_exceptions=True)
    assert results[0] == "a"
    assert isinstance(results[1], ValueError)
    assert results[2] == "c"


async def test_a_short_answer_is_an_error_for_those_left_without() -> None:
    async def run(items: list[str]) -> list[str]:
        return items[:1]

    queue = Coalescer[str, str](
        run, images=lambda _: 1, size_bytes=len, slots=1, max_images=9, max_bytes=100, max_waiting=100
    )
    first = asyncio.create_task(queue.submit("warm"))
    rest = [asyncio.create_task(queue.submit(item)) for item in "ab"]
    assert await first == "warm"
    results = await asyncio.gather(*rest, return_exceptions=True)
    assert results[0] == "a"
    assert isinstance(results[1], ValueError)


async def test_who_leaves_while_waiting_is_not_run() -> None:
    calls = Calls()
    queue = coalescer(calls)
    first = asyncio.create_task(queue.submit("a"))
    await calls.started.acquire()
    leaver = asyncio.create_task(queue.submit("b"))
    stayer = asyncio.create_task(queue.submit("c"))
    await asyncio.sleep(0)
    leaver.cancel()
    calls.gate.set()
    assert await first == "A"
    assert await stayer == "C"
    assert calls.groups == [["a"], ["c"]]


async def test_too_many_waiting_are_told_so_and_later_ones_are_served() -> None:
    calls = Calls()
    queue = coalescer(calls, max_waiting=2)
    tasks = [asyncio.create_task(queue.submit("a"))]
    await calls.started.acquire()
    tasks += [asyncio.create_task(queue.submit(item)) for item in "bc"]
    await asyncio.sleep(0)
    with pytest.raises(TooBusyError) as busy:
        await queue.submit("d")
    assert busy.value.retry_after_s == 1
    calls.gate.set()
    await asyncio.gather(*tasks)
    assert await queue.submit("e") == "E"


async def test_items_of_one_request_are_refused_together() -> None:
    calls = Calls()
    queue = coalescer(calls, max_waiting=2)
    tasks = [asyncio.create_task(queue.submit(item)) for item in "ab"]
    await calls.started.acquire()
    with pytest.raises(TooBusyError):
        await queue.submit_all(["c", "d"])
    calls.gate.set()
    assert await asyncio.gather(*tasks) == ["A", "B"]
    assert calls.groups == [["a"], ["b"]]
    assert await queue.submit_all(["e", "f", "g"]) == ["E", "F", "G"], "nothing waits, so any number may"


async def test_more_slots_take_what_waits_at_once() -> None:
    calls = Calls()
    queue = coalescer(calls, max_images=1)
    tasks = [asyncio.create_task(queue.submit(item)) for item in "abc"]
    await calls.started.acquire()
    queue.set_slots(3)
    await calls.started.acquire()
    await calls.started.acquire()
    queue.set_slots(1)
    calls.gate.set()
    assert await asyncio.gather(*tasks) == ["A", "B", "C"]


async def test_a_group_belongs_to_nobody_s_request() -> None:
    whose: ContextVar[str] = ContextVar("whose", default="nobody")
    seen: list[str] = []

    async def run(items: list[str]) -> list[str]:
        seen.append(whose.get())
        return items

    queue = Coalescer[str, str](run, images=len, size_bytes=len, slots=1, max_images=4, max_bytes=9, max_waiting=9)
    whose.set("a client that may leave")
    await queue.submit("a")
    assert seen == ["nobody"]
