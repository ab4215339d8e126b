import io
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest

from deployments.records import Database, RetrainRecords, RetrainState
from tests.support.images import png, png_base64
from tests.unit.deployments.ingress.conftest import Serve
from tests.unit.deployments.ingress.test_corrections_routes import correct, read

RETRAINS = "/v1/retrains"
LONG_AGO, FAR_OFF = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00+02:00"


def learnt_from(data_dir: Path) -> list[tuple[bytes, str]]:
    """The examples of the one dataset that is stored."""
    [file] = data_dir.glob("blobs/datasets/*/examples.parquet")
    return [(row["image"], row["label"]) for row in pq.read_table(io.BytesIO(file.read_bytes())).to_pylist()]


def move(database: Database, retrain_id: str, state: RetrainState) -> None:
    with database.writing() as connection:
        RetrainRecords(connection).move(
            retrain_id, to=state, from_=[RetrainState.QUEUED], at=datetime.now(UTC), reason="so"
        )


async def test_corrections_and_what_is_sent_along_are_learnt_from(client: httpx.AsyncClient, tmp_path: Path) -> None:
    ids = [await read(client, 60 + n) for n in range(3)]
    for n in (2, 0):
        await correct(client, ids[n], f"c{n}")

    answer = await client.post(
        RETRAINS,
        json={"list_images_base64": [png_base64("x")], "list_label": [7], "debug": True},
        headers={"X-Request-Id": "order-1"},
    )

    assert answer.status_code == 200, answer.text
    job = answer.json()
    assert answer.headers["Location"] == f"{RETRAINS}/{job['id']}"
    assert (job["state"], job["examples"], job["debug"], job["queue_position"]) == ("queued", 3, True, 0)
    assert job["request_id"] == "order-1"
    assert (await client.get(answer.headers["Location"])).json() == job
    assert learnt_from(tmp_path) == [(png(size=(60, 24)), "c0"), (png(size=(62, 24)), "c2"), (png("x"), "7")]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"since": "%s"}' % LONG_AGO.encode()])
async def test_all_corrections_without_a_word(client: httpx.AsyncClient, content: bytes) -> None:
    await correct(client, await read(client), "x")
    answer = await client.post(RETRAINS, content=content)
    assert (answer.status_code, answer.json()["examples"]) == (200, 1)


async def test_only_what_is_sent_along(client: httpx.AsyncClient, tmp_path: Path) -> None:
    await correct(client, await read(client), "x")
    body = {"corrections": False, "list_images_base64": [png_base64("y")], "list_label": ["y"]}
    assert (await client.post(RETRAINS, json=body)).status_code == 200
    assert learnt_from(tmp_path) == [(png("y"), "y")]


@pytest.mark.parametrize(
    ("body", "message", "named"),
    [
        ({"since": FAR_OFF}, "nothing to learn from", "since 2100"),
        ({"corrections": False}, "nothing to learn from", "corrections is false"),
        ({"since": "2026-11-24T08:00:00"}, "invalid request", "since"),
        ({"since": "yesterday"}, "invalid request", "since"),
        ({"corrections": "yes"}, "invalid request", "corrections"),
        ({"list_label": ["a"]}, "empty images", "list_images_base64"),
        ({"list_images_base64": ["AAAA"], "list_label": ["a"]}, "not an image", "list_images_base64[0]"),
        ({"list_images_base64": [png_base64()] * 2, "list_label": ["a", "b"]}, "too many examples", "1 corrections"),
        ({"list_images_base64": [png_base64()] * 4, "list_label": ["a"] * 4}, "too many examples", "the limit is 3"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_stored(
    serve: Serve, body: dict[str, object], message: str, named: str
) -> None:
    async with serve(limits={"examples": 3}) as client:
        for n in range(2):
            await correct(client, await read(client, 60 + n), "x")
        answer = await client.post(RETRAINS, json=body)
        assert (answer.status_code, answer.json()["message"]) == (400, message)
        assert named in answer.json()["error"]
        assert (await client.get(RETRAINS)).json()["items"] == []


async def test_with_no_corrections_at_all_there_is_nothing_to_learn_from(client: httpx.AsyncClient) -> None:
    answer = await client.post(RETRAINS, json={})
    assert (answer.status_code, answer.json()["message"]) == (400, "nothing to learn from")


async def test_a_large_body_is_taken_here_too(serve: Serve) -> None:
    async with serve(limits={"body_bytes": 1024}) as client:
        body = {"list_images_base64": [png_base64(size=(300, 90))] * 3, "list_label": ["a"] * 3}
        assert (await client.post(RETRAINS, json=body)).status_code == 200


async def test_a_queue_is_told_and_shortened(client: httpx.AsyncClient) -> None:
    await correct(client, await read(client), "x")
    ids = [(await client.post(RETRAINS)).json()["id"] for _ in range(3)]

    cancelled = await client.delete(f"{RETRAINS}/{ids[1]}")

    assert cancelled.status_code == 200
    told = cancelled.json()
    assert (told["state"], told["reason"], told["queue_position"]) == ("cancelled", "on request", None)
    page = (await client.get(RETRAINS)).json()
    assert [(job["id"], job["queue_position"]) for job in page["items"]] == [(ids[2], 1), (ids[1], None), (ids[0], 0)]
    queued = (await client.get(f"{RETRAINS}?state=queued")).json()
    assert [job["id"] for job in queued["items"]] == [ids[2], ids[0]]
    assert (await client.get(f"{RETRAINS}?state=rolling out")).json()["items"] == []
    assert (await client.get(f"{RETRAINS}?state=lost")).status_code == 400


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (RetrainState.RUNNING, 200),
        (RetrainState.EVALUATING, 200),
        (RetrainState.ROLLING_OUT, 400),
        (RetrainState.PROMOTED, 400),
        (RetrainState.REJECTED, 400),
        (RetrainState.FAILED, 400),
        (RetrainState.CANCELLED, 400),
    ],
)
async def test_what_trains_is_cancelled_and_what_has_ended_is_not(
    client: httpx.AsyncClient, database: Database, state: RetrainState, code: int
) -> None:
    await correct(client, await read(client), "x")
    job = (await client.post(RETRAINS)).json()["id"]
    move(database, job, state)

    answer = await client.delete(f"{RETRAINS}/{job}")

    assert answer.status_code == code
    if code == 400:
        assert answer.json()["message"] == "job cannot be cancelled"
        assert answer.json()["error"].endswith(state)
    expected = "cancelled" if code == 200 else state
    assert (await client.get(f"{RETRAINS}/{job}")).json()["state"] == expected


async def test_an_unknown_job_cannot_be_cancelled(client: httpx.AsyncClient) -> None:
    answer = await client.delete(f"{RETRAINS}/{'0' * 32}")
    assert (answer.status_code, answer.json()["message"]) == (404, "not found")


async def test_who_cancelled_is_kept(serve: Serve) -> None:
    key = "k" * 16
    async with serve(admin_keys={"ops": key}) as client:
        client.headers["X-API-Key"] = key
        await correct(client, await read(client), "x")
        job = (await client.post(RETRAINS)).json()["id"]
        assert (await client.delete(f"{RETRAINS}/{job}")).json()["reason"] == "by ops"
