"""What Serve's router learns of a call over a lane."""

import asyncio
from typing import Any

import pytest
from ray.exceptions import ActorUnavailableError

from deployments.lane.replica import LaneResult


def result() -> tuple[LaneResult, asyncio.Future[Any]]:
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    return LaneResult(answer, under_way=2), answer


async def test_a_call_is_taken_at_once_and_answered_later() -> None:
    lane_result, answer = result()
    taken = await lane_result.get_rejection_response()
    assert (taken.accepted, taken.num_ongoing_requests) == (True, 2)
    answer.set_result("text")
    assert await lane_result.get_async() == "text"


async def test_serve_is_told_of_the_end_and_of_what_went_wrong() -> None:
    told: list[object] = []
    for fate in ("answered", "fallen", "cancelled"):
        lane_result, answer = result()
        lane_result.add_done_callback(told.append)
        if fate == "answered":
            answer.set_result("text")
        elif fate == "fallen":
            answer.set_exception(ActorUnavailableError("its connection fell", None))
        else:
            lane_result.cancel()
        await asyncio.wait([answer])
        await asyncio.sleep(0)
    assert told[0] is None
    assert isinstance(told[1], ActorUnavailableError)
    assert told[2] is None


async def test_nothing_else_is_offered() -> None:
    lane_result, answer = result()
    with pytest.raises(NotImplementedError):
        lane_result.get(None)
    with pytest.raises(NotImplementedError):
        next(lane_result)
    with pytest.raises(NotImplementedError):
        await anext(lane_result)
    with pytest.raises(NotImplementedError):
        lane_result.to_object_ref()
    with pytest.raises(NotImplementedError):
        await lane_result.to_object_ref_async()
    with pytest.raises(NotImplementedError):
        lane_result.to_object_ref_gen()
    answer.cancel()
