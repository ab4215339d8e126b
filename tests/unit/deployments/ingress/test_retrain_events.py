"""A job's events over HTTP. The transport of these tests hands a stream over whole, so what is still under way is read
from the generator itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deployments.archive import Archive, Example
from deployments.errors import StorageError
from deployments.ingress import event_stream
from deployments.ingress.event_stream import event_stream as stream
from deployments.records import Database, Event, RetrainEventRecords, RetrainRecords, RetrainState, Source
from deployments.settings.storage import StorageSettings

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RUNNING = (RetrainState.QUEUED, RetrainState.RUNNING)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "POLL_S", 0.01)


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    """The same stores that the application has."""
    opened = Archive.open(StorageSettings(data_dir=tmp_path))
    yield opened
    await opened.close()


@pytest.fixture
async def job(archive: Archive) -> str:
    return (await archive.store_dataset([Example(b"image", "x")], source=Source.UPLOAD, debug=False)).id


def move(database: Database, job: str, state: RetrainState) -> None:
    with database.writing() as connection:
        RetrainRecords(connection).move(job, to=state, from_=RUNNING, at=NOW, reason="so")


def tell(database: Database, job: str, *epochs: int) -> None:
    with database.writing() as connection:
        events = [Event(NOW, "epoch", {"epoch": n, "loss": 0.5, "note": "a\nb é字"}) for n in epochs]
        RetrainEventRecords(connection).append(job, events)


def parsed(text: str) -> list[tuple[int, str, dict[str, object]]]:
    """Number, kind and data of every event of a stream that has some."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


async def events(client: httpx.AsyncClient, job: str, last: str | None = None) -> httpx.Response:
    headers = {} if last is None else {"Last-Event-ID": last}
    return await client.get(f"/v1/retrains/{job}/events", headers=headers)


async def test_a_job_that_has_ended_is_told_from_its_first_event(
    client: httpx.AsyncClient, database: Database, job: str
) -> None:
    move(database, job, RetrainState.RUNNING)
    tell(database, job, 1, 2)
    move(database, job, RetrainState.PROMOTED)

    answer = await events(client, job)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text.count("retry: 1000\n") == 1
    told = parsed(answer.text)
    assert [(seq, kind) for seq, kind, _ in told] == [
        (1, "state"),
        (2, "state"),
        (3, "epoch"),
        (4, "epoch"),
        (5, "state"),
    ]
    assert told[3][2] == {"at": NOW.isoformat(), "epoch": 2, "loss": 0.5, "note": "a\nb é字"}
    assert told[4][2] == {"at": NOW.isoformat(), "state": "promoted", "reason": "so"}

    shown = (await client.get(f"/v1/retrains/{job}")).json()
    assert shown["epochs"] == [told[2][2], told[3][2]]
    assert shown["events"] == f"/v1/retrains/{job}/events"


async def test_who_comes_back_hears_what_is_new_and_in_the_end_that_there_is_no_more(
    client: httpx.AsyncClient, database: Database, job: str
) -> None:
    tell(database, job, 1, 2)
    move(database, job, RetrainState.FAILED)

    assert [seq for seq, _, _ in parsed((await events(client, job, "2")).text)] == [3, 4]
    for last in ("4", "5"):
        answer = await events(client, job, last)
        assert (answer.status_code, answer.content) == (204, b"")


async def test_events_are_told_as_they_come(archive: Archive, database: Database, job: str) -> None:
    told: list[tuple[int, str, dict[str, object]]] = []
    arrived = asyncio.Event()

    async def watch() -> None:
        async for part in stream(archive.jobs, job, after=0):
            told.extend(parsed(part.decode()))
            arrived.set()

    async def wait_for(number: int) -> None:
        while len(told) < number:
            arrived.clear()
            await arrived.wait()

    watching = asyncio.create_task(watch())
    async with asyncio.timeout(20):
        await wait_for(1)
        tell(database, job, 1)
        await wait_for(2)
        assert not watching.done()
        tell(database, job, 2, 3)
        move(database, job, RetrainState.CANCELLED)
        await watching
    assert [(seq, kind) for seq, kind, _ in told] == [
        (1, "state"),
        (2, "epoch"),
        (3, "epoch"),
        (4, "epoch"),
        (5, "state"),
    ]


async def test_many_events_come_in_parts_and_all_of_them(
    client: httpx.AsyncClient, database: Database, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "_BATCH", 3)
    tell(database, job, *range(7))
    move(database, job, RetrainState.REJECTED)
    assert [seq for seq, _, _ in parsed((await events(client, job)).text)] == list(range(1, 10))


async def test_a_quiet_stream_shows_that_it_lives_and_ends_when_old(
    archive: Archive, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "_HEARTBEAT_S", 0.0)
    monkeypatch.setattr(event_stream, "_STREAM_S", 0.3)
    async with asyncio.timeout(20):
        parts = [part async for part in stream(archive.jobs, job, after=1)]
    assert set(parts) == {b": ping\n\n"}


async def test_records_that_cannot_be_read_end_the_stream() -> None:
    class Failing:
        async def get(self, retrain_id: str) -> None:
            raise StorageError(f"{retrain_id} could not be read")

    parts = [part async for part in stream(Failing(), 32 * "0", after=0)]  # type: ignore[arg-type]
    assert parts == []


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 10])
async def test_a_number_that_is_none_is_400(client: httpx.AsyncClient, job: str, last: str) -> None:
    answer = await events(client, job, last)
    assert (answer.status_code, answer.json()["message"]) == (400, "invalid request")
    assert answer.json()["error"].startswith("Last-Event-ID")


@pytest.mark.parametrize("unknown", ["0" * 32, "x", "%00"])
async def test_an_unknown_job_has_no_events(client: httpx.AsyncClient, unknown: str) -> None:
    answer = await events(client, unknown)
    assert (answer.status_code, answer.json()["message"]) == (404, "not found")
