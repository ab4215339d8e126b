"""The line before the committer: groups within bounds, requests whole, a full line refused."""

import asyncio
import threading

import pytest

from deployments.archive.group import Line, Waiting
from deployments.errors import StorageError, TooBusyError
from tests.unit.deployments.archive.entries import entry


def line(**bounds: int) -> Line:
    defaults = {"group_max_images": 100, "group_max_bytes": 1000, "queue_max_images": 1000, "queue_max_bytes": 10_000}
    return Line(**(defaults | bounds))


def waiting(images: int, image_bytes: int = 1) -> Waiting:
    loop = asyncio.get_running_loop()
    entries = [entry(bytes(image_bytes)) for _ in range(images)]
    return Waiting(entries, [""] * images, images * image_bytes, loop.create_future(), loop)


@pytest.mark.parametrize(
    ("bounds", "requests", "groups"),
    [
        ({}, [1, 2, 3], [[1, 2, 3]]),
        ({"group_max_images": 3}, [1, 2, 3, 1], [[1, 2], [3], [1]]),
        ({"group_max_images": 3}, [2, 2, 2], [[2], [2], [2]]),
        ({"group_max_images": 3}, [7, 1], [[7], [1]]),
        ({"group_max_images": 3}, [1, 7, 1], [[1], [7], [1]]),
        ({"group_max_bytes": 40}, [1, 3, 1], [[1, 3], [1]]),
        ({"group_max_bytes": 5}, [1, 1], [[1], [1]]),
    ],
)
async def test_groups_are_bounded_and_requests_never_split(
    bounds: dict[str, int], requests: list[int], groups: list[list[int]]
) -> None:
    tested = line(**bounds)
    for images in requests:
        tested.put(waiting(images, image_bytes=10))

    assert [[len(one.entries) for one in tested.take()] for _ in groups] == groups


async def test_who_has_gone_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    tested = line(group_max_images=2)
    requests = [waiting(1) for _ in range(4)]
    for one in requests:
        tested.put(one)
    requests[0].done.cancel()
    requests[2].done.cancel()

    assert tested.take() == [requests[1], requests[3]]


async def test_only_those_who_have_gone_do_not_make_a_group() -> None:
    tested = line()
    gone, stays = waiting(1), waiting(1)
    tested.put(gone)
    gone.done.cancel()
    taken: list[list[Waiting]] = []
    taker = threading.Thread(target=lambda: taken.append(tested.take()))
    taker.start()
    tested.put(stays)
    await asyncio.to_thread(taker.join)

    assert taken == [[stays]]


@pytest.mark.parametrize("bounds", [{"queue_max_images": 3}, {"queue_max_bytes": 30}])
async def test_a_full_line_refuses_until_somebody_is_served(bounds: dict[str, int]) -> None:
    tested = line(**bounds)
    tested.put(waiting(2, image_bytes=10))
    with pytest.raises(TooBusyError) as caught:
        tested.put(waiting(2, image_bytes=10))
    assert caught.value.retry_after_s == 1
    tested.put(waiting(1, image_bytes=10))

    tested.take()
    tested.put(waiting(3, image_bytes=10))


async def test_an_empty_line_takes_any_request() -> None:
    tested = line(queue_max_images=1)
    tested.put(waiting(50))
    assert len(tested.take()[0].entries) == 50


async def test_a_closed_line_is_drained_and_refuses() -> None:
    tested = line()
    one = waiting(1)
    tested.put(one)
    tested.close()

    assert tested.take() == [one]
    assert tested.take() == []
    with pytest.raises(StorageError):
        tested.put(waiting(1))
