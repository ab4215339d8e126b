from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from deployments.errors import NotReadyError, RequestError
from deployments.records import Database, ModelRecords, ServingRecords
from deployments.status import Status
from tests.support.fake_models import FakeModels
from tests.unit.deployments.ingress.conftest import Serve
from tests.unit.deployments.records.examples import model

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
VERDICT = {"outcome": "promote", "held_out": {"n": 166}}


@pytest.fixture
def three(database: Database) -> None:
    """A shipped model, one made from it that serves, and one made from that."""
    rows = [model(f"m{n}", created_at=NOW + timedelta(hours=n)) for n in range(3)]
    rows[1] = replace(rows[1], parent="m0", verdict=VERDICT)
    rows[2] = replace(rows[2], parent="m1")
    with database.writing() as connection:
        for row in rows:
            ModelRecords(connection).insert(row)
        for n, version in enumerate(("m0", "m2", "m1")):
            ServingRecords(connection).advance(version, reason=f"to {version}", at=NOW + timedelta(hours=n))


@pytest.mark.usefixtures("three")
async def test_versions_are_listed_newest_first_with_what_serves(client: httpx.AsyncClient) -> None:
    page = (await client.get("/v1/models?limit=2")).json()
    assert [(one["version"], one["serving"], one["generation"]) for one in page["items"]] == [
        ("m2", False, None),
        ("m1", True, 3),
    ]
    assert page["items"][1]["metrics"] == {"held_out/exact": 98.5, "held_out/n": 208}
    assert [(one["generation"], one["version"], one["reason"]) for one in page["serving"]] == [
        (3, "m1", "to m1"),
        (2, "m2", "to m2"),
        (1, "m0", "to m0"),
    ]
    rest = (await client.get(f"/v1/models?limit=2&before={page['next']}")).json()
    assert [one["version"] for one in rest["items"]] == ["m0"]
    assert rest["next"] is None


@pytest.mark.usefixtures("three")
async def test_a_version_tells_where_it_comes_from_and_why(client: httpx.AsyncClient) -> None:
    newest, serving, shipped = [(await client.get(f"/v1/models/m{n}")).json() for n in (2, 1, 0)]
    assert (newest["parent"], newest["lineage"], newest["verdict"]) == ("m1", ["m1", "m0"], None)
    assert (serving["lineage"], serving["verdict"], serving["serving"]) == (["m0"], VERDICT, True)
    assert (shipped["parent"], shipped["lineage"], shipped["retrain"]) == (None, [], None)


async def test_before_anything_was_registered_there_is_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/models")).json() == {"items": [], "next": None, "serving": []}


@pytest.mark.parametrize("version", ["m9", "%00", "%ed%a0%80", "字"])
async def test_an_unknown_version_is_404(client: httpx.AsyncClient, version: str) -> None:
    answer = await client.get(f"/v1/models/{version}")
    assert (answer.status_code, answer.json()["message"]) == (404, "not found")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "activated on request"), (b"{}", "activated on request"), (b'{"reason": "our 7s"}', "our 7s")],
)
async def test_a_version_is_activated(
    client: httpx.AsyncClient, models: FakeModels, content: bytes, reason: str
) -> None:
    answer = await client.post("/v1/models/m1/activate", content=content)
    assert answer.status_code == 200
    assert answer.json() == {"generation": 2, "version": "m1", "replicas": 1, "seconds": 0.1}
    assert models.asked == [("m1", reason)]


async def test_who_activated_is_kept(serve: Serve, models: FakeModels) -> None:
    key = "k" * 16
    async with serve(admin_keys={"ops": key}) as client:
        await client.post("/v1/models/m1/activate", headers={"X-API-Key": key})
    assert models.asked == [("m1", "activated by ops")]


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (RequestError(Status.NOT_FOUND, "no model has this version"), 404, "not found"),
        (RequestError(Status.ROLLOUT_FAILED, "1 of 2 replicas cannot load it"), 400, "model could not be rolled out"),
        (NotReadyError("the retrainer does not answer", 5), 503, "not ready"),
    ],
)
async def test_what_cannot_be_activated_is_told(
    client: httpx.AsyncClient, models: FakeModels, error: RequestError, code: int, message: str
) -> None:
    models.script = [error]
    answer = await client.post("/v1/models/m1/activate")
    assert (answer.status_code, answer.json()["message"]) == (code, message)
    assert answer.json()["error"] == error.detail


@pytest.mark.parametrize("reason", ["a\nb", "x" * 201, 5, None])
async def test_a_reason_is_one_line_of_text(client: httpx.AsyncClient, models: FakeModels, reason: object) -> None:
    answer = await client.post("/v1/models/m1/activate", json={"reason": reason})
    assert (answer.status_code, answer.json()["message"]) == (400, "invalid request")
    assert models.asked == []
