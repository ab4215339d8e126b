"""When a request is sent again: decided without a network, then seen over one."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from glyphserve.client import NO_RETRIES, Retries, ServiceAwayError, ServiceError
from glyphserve.client.call import Call, json_object
from tests.support.images import png
from tests.support.scripted_server import Line, scripted_server
from tests.unit.glyphserve.conftest import Connect

REPEATABLE: Call[Any] = Call(method="GET", path="/", parse=json_object)
ORDER: Call[Any] = Call(method="POST", path="/", parse=json_object, repeatable=False)
BUSY = Line(429, b'{"message": "too busy", "error": "wait"}', {"Retry-After": "0"})
AWAY = Line(503, b'{"message": "not ready", "error": "no replica"}')
LOST = Line(0)
READ = Line(
    200,
    json.dumps(
        {
            "message": "",
            "error": "",
            "content": {
                "list_id": ["a"],
                "list_label": ["42"],
                "list_path": ["/images/a"],
                "list_confidence": [0.5],
                "list_model_version": ["v"],
            },
        }
    ).encode(),
)
QUICK = Retries(chance=lambda: 0.001)


@pytest.mark.parametrize(
    ("outcome", "repeatable", "order"),
    [
        (httpx.Response(429), True, True),
        (httpx.Response(503), True, False),
        (httpx.Response(502), True, False),
        (httpx.Response(500), False, False),
        (httpx.Response(400), False, False),
        (httpx.ConnectError("refused"), True, True),
        (httpx.ConnectTimeout("slow"), True, True),
        (httpx.ReadTimeout("slow"), True, False),
        (httpx.RemoteProtocolError("gone"), True, False),
    ],
)
def test_what_may_have_been_done_is_repeated_only_where_that_harms_nobody(
    outcome: httpx.Response | httpx.TransportError, repeatable: bool, order: bool
) -> None:
    assert (QUICK.pause_s(REPEATABLE, 1, outcome) is not None) is repeatable
    assert (QUICK.pause_s(ORDER, 1, outcome) is not None) is order


def test_pauses_double_up_to_a_limit_and_are_drawn() -> None:
    retries = Retries(attempts=9, first_pause_s=0.5, longest_pause_s=4, chance=lambda: 1.0)
    pauses = [retries.pause_s(REPEATABLE, tried, httpx.Response(503)) for tried in range(1, 10)]
    assert pauses == [0.5, 1, 2, 4, 4, 4, 4, 4, None]
    drawn = [Retries().pause_s(REPEATABLE, 1, httpx.Response(503)) for _ in range(20)]
    assert len(set(drawn)) == 20
    assert all(pause is not None and 0 <= pause <= 0.5 for pause in drawn)


@pytest.mark.parametrize(
    ("given", "lowest", "highest"),
    [("3", 3, 3.1), ("", 0, 0.1), ("soon", 0, 0.1), ("-1", 0, 0.1), ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0.1)],
)
def test_what_the_service_asks_for_is_waited(given: str, lowest: float, highest: float) -> None:
    pause = QUICK.pause_s(REPEATABLE, 1, httpx.Response(429, headers={"Retry-After": given}))
    assert pause is not None
    assert lowest <= pause <= highest


def test_a_date_to_come_back_at_is_waited_for() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    pause = QUICK.pause_s(REPEATABLE, 1, httpx.Response(503, headers={"Retry-After": at}))
    assert pause is not None
    assert 18 < pause < 21


def test_a_service_that_asks_for_too_long_a_wait_is_an_error_at_once() -> None:
    assert QUICK.pause_s(REPEATABLE, 1, httpx.Response(503, headers={"Retry-After": "3600"})) is None


def test_a_read_comes_through_a_bad_moment(connect: Connect) -> None:
    with scripted_server([BUSY, LOST, AWAY, READ]) as server, connect(server.url, retries=QUICK) as client:
        assert client.read(png()).text == "42"
        assert server.seen == ["POST /captcha_recap_image?details=true"] * 4


def test_an_order_that_may_have_arrived_is_not_sent_again(connect: Connect) -> None:
    for line in (AWAY, LOST):
        with scripted_server([line]) as server, connect(server.url, retries=QUICK) as client:
            with pytest.raises(ServiceAwayError):
                client.order_retrain([png()], ["42"])
            assert server.seen == ["POST /v1/retrains"]


def test_patience_ends_and_the_last_answer_is_told(connect: Connect) -> None:
    with scripted_server([AWAY] * 4) as server, connect(server.url, retries=QUICK) as client:
        with pytest.raises(ServiceAwayError, match="not ready: no replica"):
            client.health()
        assert len(server.seen) == 4


def test_without_patience_the_first_failure_is_told(connect: Connect) -> None:
    with scripted_server([AWAY]) as server, connect(server.url, retries=NO_RETRIES) as client:
        with pytest.raises(ServiceAwayError):
            client.health()
        assert len(server.seen) == 1


@pytest.mark.parametrize("line", [Line(200, b"<p>hello"), Line(200, b"[]"), Line(404, b"no"), Line(200, b'{"id": 1}')])
def test_another_kind_of_server_is_told_from_ours(connect: Connect, line: Line) -> None:
    with (
        scripted_server([line]) as server,
        connect(server.url, retries=NO_RETRIES) as client,
        pytest.raises(ServiceError, match=r"not .*as glyphserve does"),
    ):
        client.retrain("0")
