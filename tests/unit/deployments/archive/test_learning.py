"""What the archive tells of jobs, models and corrections, and what it lets people change."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deployments.archive import Archive, Example, corrections
from deployments.errors import RequestError
from deployments.records import (
    Database,
    ModelRecords,
    RetrainRecords,
    RetrainState,
    ServingRecords,
    Source,
)
from deployments.settings.storage import StorageSettings
from deployments.status import Status
from tests.unit.deployments.archive.entries import entry
from tests.unit.deployments.records.examples import model

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3650)


@pytest.fixture
def database(settings: StorageSettings) -> Iterator[Database]:
    opened = Database.open(settings.resolved_records_url)
    yield opened
    opened.close()


async def queue(archive: Archive) -> str:
    return (await archive.store_dataset([Example(b"image", "x")], source=Source.UPLOAD, debug=False)).id


async def test_a_queued_job_knows_its_place(archive: Archive) -> None:
    ids = [await queue(archive) for _ in range(3)]

    jobs = [await archive.jobs.get(new) for new in ids]
    assert [job.ahead for job in jobs if job] == [0, 1, 2]
    assert (await archive.jobs.page(limit=9)).rows == tuple(jobs[::-1])

    assert await archive.jobs.cancel(ids[0], reason="not wanted")
    cancelled = await archive.jobs.get(ids[0])
    assert cancelled is not None
    assert (cancelled.row.state, cancelled.row.reason, cancelled.ahead) == (RetrainState.CANCELLED, "not wanted", None)
    last = await archive.jobs.get(ids[2])
    assert last is not None
    assert last.ahead == 1


@pytest.mark.parametrize("state", list(RetrainState))
async def test_what_has_ended_or_reached_the_replicas_is_not_cancelled(
    archive: Archive, database: Database, state: RetrainState
) -> None:
    new = await queue(archive)
    with database.writing() as connection:
        RetrainRecords(connection).move(new, to=state, from_=[RetrainState.QUEUED], at=NOW, reason="so")

    done = await archive.jobs.cancel(new, reason="not wanted")

    assert done is (state in {RetrainState.QUEUED, RetrainState.RUNNING, RetrainState.EVALUATING})
    job = await archive.jobs.get(new)
    assert job is not None
    assert (job.row.state, job.row.reason) == ((RetrainState.CANCELLED, "not wanted") if done else (state, "so"))


async def test_events_of_a_job_are_told_in_order(archive: Archive) -> None:
    new = await queue(archive)
    await archive.jobs.cancel(new, reason="")

    events = await archive.jobs.events(new, limit=9)
    assert [event.data["state"] for event in events] == ["queued", "cancelled"]
    assert await archive.jobs.events(new, after=1, limit=9) == events[1:]
    assert await archive.jobs.events(new, limit=9, kind="epoch") == ()


async def test_a_version_knows_its_ancestors_and_whether_it_serves(archive: Archive, database: Database) -> None:
    assert await archive.versions.serving() == ()
    parents = {"base-1": None, "tuned-1": "base-1", "tuned-2": "tuned-1", "stray": "stray"}
    with database.writing() as connection:
        for n, (version, parent) in enumerate(parents.items()):
            row = replace(model(version, created_at=NOW + timedelta(hours=n)), parent=parent)
            ModelRecords(connection).insert(row)
        for version in ("base-1", "tuned-1"):
            ServingRecords(connection).advance(version, reason="so", at=NOW)

    found = {version: await archive.versions.get(version) for version in parents}
    assert {version: one.ancestors for version, one in found.items() if one} == {
        "base-1": (),
        "tuned-1": ("base-1",),
        "tuned-2": ("tuned-1", "base-1"),
        "stray": ("stray",),
    }
    assert [one.generation for one in found.values() if one] == [None, 2, None, None]
    page = await archive.versions.page(limit=2, before="stray")
    assert [(one.row.version, one.generation) for one in page.rows] == [("tuned-2", None), ("tuned-1", 2)]
    assert page.next_before == "tuned-1"
    assert [row.version for row in await archive.versions.serving(limit=5)] == ["tuned-1", "base-1"]


async def test_corrections_become_examples(archive: Archive) -> None:
    images = [bytes([n]) * (n + 1) for n in range(5)]
    ids = await archive.store([entry(image) for image in images])
    for n in (4, 0, 2):
        row = await archive.corrections.correct(ids[n], f"label {n}")
        assert row is not None
        assert (row.corrected_text, row.text) == (f"label {n}", "aB3")
        assert row == await archive.recognition(ids[n])

    examples = await archive.corrections.examples(since=None, max_examples=3, max_bytes=9)
    assert examples == [Example(images[n], f"label {n}") for n in (0, 2, 4)]
    assert await archive.corrections.examples(since=LONG_AGO, max_examples=3, max_bytes=9) == examples
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await archive.corrections.examples(since=later, max_examples=3, max_bytes=9) == []


@pytest.mark.parametrize(("max_examples", "max_bytes", "named"), [(2, 100, "2 corrections"), (3, 8, "8 bytes")])
async def test_more_corrections_than_one_job_takes_are_refused(
    archive: Archive, max_examples: int, max_bytes: int, named: str
) -> None:
    ids = await archive.store([entry(b"abc") for _ in range(3)])
    for new in ids:
        await archive.corrections.correct(new, "x")

    with pytest.raises(RequestError, match=named) as caught:
        await archive.corrections.examples(since=None, max_examples=max_examples, max_bytes=max_bytes)
    assert caught.value.status is Status.TOO_MANY_EXAMPLES


@pytest.mark.parametrize("number", [7, 8, 9])
async def test_many_corrections_are_all_found(archive: Archive, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(corrections, "_BATCH", 4)
    ids = await archive.store([entry(b"%d" % n) for n in range(number)])
    for new in ids:
        await archive.corrections.correct(new, "x")

    examples = await archive.corrections.examples(since=None, max_examples=100, max_bytes=100)
    assert [one.image for one in examples] == [b"%d" % n for n in range(number)]
