"""What the clients do with a real service; each test runs with both."""

from pathlib import Path

import pytest

from deployments.records import RetrainState
from glyphserve.client import Client, Reading, Restriction, ServiceAwayError, ServiceError
from tests.support.captcha_server import CaptchaServer
from tests.support.http_service import RunningService, opened_records, serving
from tests.support.images import png
from tests.support.scripted_retrainer import scripted
from tests.unit.glyphserve.conftest import Connect

KEY = "k" * 20


def test_an_image_is_read_from_bytes_and_from_a_file(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "x.png"
    file.write_bytes(png(size=(61, 24)))
    readings = [client.read(png(size=(60, 24))), client.read(file), client.read(str(file))]
    assert [(r.text, r.confidence, r.model_version) for r in readings] == [
        ("60x24", 0.9, "fake-1"),
        ("61x24", 0.9, "fake-1"),
        ("61x24", 0.9, "fake-1"),
    ]
    assert client.image(readings[1].id).data == file.read_bytes()
    assert client.image(readings[1].id).media_type == "image/png"
    with pytest.raises(OSError, match="nowhere"):
        client.read(tmp_path / "nowhere.png")


def test_many_images_come_in_order_and_a_refused_one_as_its_error(client: Client) -> None:
    found = list(client.read_many([png(size=(50 + n, 24)) for n in range(20)] + [b"no image"], at_once=3))
    assert [r.text for r in found if isinstance(r, Reading)] == [f"{50 + n}x24" for n in range(20)]
    error = found[-1]
    assert isinstance(error, ServiceError)
    assert (error.status_code, error.message) == (400, "not an image")
    assert error.request_id


def test_a_url_is_read_several_times_with_the_session(client: Client) -> None:
    with CaptchaServer() as server:
        readings = client.read_url(server.url(), 3, session_id="abc")
    assert [r.text for r in readings] == ["160x60"] * 3
    assert [request.headers["cookie"] for request in server.requests] == ["session_id=abc"] * 3


def test_a_restriction_goes_along(client: Client) -> None:
    with pytest.raises(ServiceError, match="min_length") as caught:
        client.read(png(), Restriction(min_length=5, max_length=4))
    assert caught.value.message == "bad restriction"


def test_recognitions_are_listed_over_pages_and_corrected(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glyphserve.client.calls.PAGE", 2)
    ids = [client.read(png()).id for _ in range(5)]
    assert [row.id for row in client.recognitions()] == ids[::-1]
    assert client.label(ids[2], "42").corrected_text == "42"
    [corrected] = client.recognitions(corrected=True)
    assert corrected == client.recognition(ids[2])
    assert list(client.recognitions(min_confidence=0.95)) == []


def test_a_retrain_is_ordered_followed_and_told_in_the_end(client: Client, service: RunningService) -> None:
    job = client.order_retrain([png(), png("43")], ["42", "43"])
    assert (job.state, job.examples, job.is_final) == ("queued", 2, False)
    with opened_records(service) as database, scripted(database, RetrainState.PROMOTED):
        events = list(client.follow(job.id))
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [event.kind for event in events] == ["state", "state", "epoch", "epoch", "epoch", "state"]
    assert events[-1].data["state"] == "promoted"
    ended = client.retrain(job.id)
    assert ended.is_final
    assert ended.verdict is not None
    assert ended.verdict["outcome"] == "promote"
    assert len(ended.epochs) == 3
    # Who follows again is told all of it again.
    assert list(client.follow(job.id)) == events


def test_a_retrain_from_corrections_is_cancelled(client: Client) -> None:
    with pytest.raises(ServiceError) as caught:
        client.order_retrain(corrections=True)
    assert caught.value.message == "nothing to learn from"
    client.label(client.read(png()).id, "42")
    job = client.order_retrain(corrections=True, debug=True)
    assert (job.examples, job.debug) == (1, True)
    assert client.cancel_retrain(job.id).state == "cancelled"


def test_following_what_is_not_there_is_refused(client: Client) -> None:
    with pytest.raises(ServiceError, match="no retrain job") as caught:
        list(client.follow("0" * 32))
    assert caught.value.status_code == 404


def test_models_are_listed_and_activated(client: Client, service: RunningService) -> None:
    assert client.models().items == ()
    done = client.activate("base-1", reason="back")
    assert (done.version, done.replicas) == ("base-1", 1)
    assert service.models.asked == [("base-1", "back")]
    with pytest.raises(ServiceError, match="not found"):
        client.model("base-1")


def test_health_and_whatever_else_there_is(client: Client) -> None:
    assert client.health().model_version == "fake-1"
    assert client.request("GET", "/v1/status")["replicas"][0]["id"] == "fake"


def test_a_key_goes_along_and_is_shown_nowhere(connect: Connect, tmp_path: Path) -> None:
    with serving(tmp_path, admin_keys={"ops": KEY}) as service:
        with connect(service.url) as client, pytest.raises(ServiceError) as caught:
            client.order_retrain([png()], ["42"])
        assert (caught.value.status_code, caught.value.message) == (401, "unauthorised")
        with connect(service.url, key=KEY) as client:
            assert client.order_retrain([png()], ["42"]).state == "queued"
            assert KEY not in repr(client)


@pytest.mark.slow
def test_following_goes_on_after_a_restart(connect: Connect, service: RunningService) -> None:
    data_dir = service.data_dir.parent / "other"
    with serving(data_dir) as first:
        port = int(first.url.rpartition(":")[2])
        client = connect(first.url)
        job = client.order_retrain([png()], ["42"])
        events = client.follow(job.id)
        assert next(events).data["state"] == "queued"
    with (
        client,
        serving(data_dir, port=port) as second,
        opened_records(second) as database,
        scripted(database, RetrainState.FAILED),
    ):
        assert [event.kind for event in events] == ["state", "epoch", "epoch", "epoch", "state"]


def test_a_service_that_stays_away_is_given_up(connect: Connect, service: RunningService) -> None:
    with connect("http://127.0.0.1:1") as client, pytest.raises(ServiceAwayError, match="nothing answers"):
        list(client.follow("0" * 32, patience_s=0.05))


def test_a_url_that_is_none_is_named(connect: Connect) -> None:
    with pytest.raises(ServiceError, match="is no URL"):
        connect("http://[::1")
