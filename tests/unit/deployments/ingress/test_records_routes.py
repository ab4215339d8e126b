import asyncio

import httpx
import pytest

from deployments.records import Database, RecognitionRecords
from tests.support.images import png_base64
from tests.unit.deployments.ingress.conftest import Serve
from tests.unit.deployments.records.examples import recognition


async def read(client: httpx.AsyncClient, width: int) -> str:
    answer = await client.post("/captcha_recap_image", json={"image_base64": png_base64(size=(width, 24))})
    id_ = answer.json()["content"]["list_id"][0]
    assert isinstance(id_, str)
    return id_


async def test_pages_are_newest_first_and_complete(client: httpx.AsyncClient) -> None:
    ids = [await read(client, 60 + i) for i in range(7)]
    seen: list[str] = []
    url = "/v1/recognitions?limit=3"
    while url:
        page = (await client.get(url)).json()
        seen += [item["id"] for item in page["items"]]
        url = f"/v1/recognitions?limit=3&before={page['next']}" if page["next"] else ""
    assert seen == ids[::-1]


async def test_filters(client: httpx.AsyncClient) -> None:
    await asyncio.gather(*(read(client, 60 + i) for i in range(3)))
    for query, count in {
        "min_confidence=0.5": 3,
        "min_confidence=0.95": 0,
        "max_confidence=0.5": 0,
        "corrected=false": 3,
        "corrected=true": 0,
    }.items():
        page = (await client.get(f"/v1/recognitions?{query}")).json()
        assert len(page["items"]) == count, query


async def test_the_least_sure_come_first_if_asked(serve: Serve, database: Database) -> None:
    rows = [recognition(confidence=confidence) for confidence in (0.9, 0.2, 0.5, 0.2)]
    async with serve() as client:
        with database.writing() as connection:
            RecognitionRecords(connection).insert_many(rows)
        page = (await client.get("/v1/recognitions?order=least_sure&limit=3")).json()
        assert [item["id"] for item in page["items"]] == [rows[3].id, rows[1].id, rows[2].id]
        assert page["next"] is None
        assert (await client.get("/v1/recognitions?order=surest")).status_code == 400


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("limit=500", "limit"),
        ("limit=100000", "limit"),
        ("min_confidence=2", "min_confidence"),
        ("corrected=perhaps", "corrected"),
        ("before=%27;drop", "before"),
    ],
)
async def test_wrong_parameters_are_400_and_named(client: httpx.AsyncClient, query: str, named: str) -> None:
    answer = await client.get(f"/v1/recognitions?{query}")
    assert answer.status_code == 400
    assert answer.json()["message"] == "invalid request"
    assert answer.json()["error"].startswith(named)


@pytest.mark.parametrize(
    "path", ["/images/0", "/images/..%2f..%2frecords.db", "/v1/recognitions/nope", "/v1/nothing", "/favicon.ico"]
)
async def test_what_is_not_there_is_404_in_the_same_shape(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["message"] == "not found"
    assert set(answer.json()) == {"message", "error", "content"}


async def test_a_wrong_method_is_405_in_the_same_shape(client: httpx.AsyncClient) -> None:
    answer = await client.get("/captcha_recap_image")
    assert (answer.status_code, answer.json()["message"]) == (405, "method not allowed")
    assert answer.headers["Allow"] == "POST"


async def test_documentation_needs_no_third_party(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    assert "http://" not in page
    assert "https://" not in page
    schema = (await client.get("/openapi.json")).json()
    assert {"/captcha_recap_image", "/captcha_image", "/captcha_retrain_model"} <= set(schema["paths"])
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert "422" not in operation["responses"], path
    assert "| 400 | empty labels |" in schema["info"]["description"]


async def test_the_documented_example_works_when_pasted(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()
    for path in ("/captcha_recap_image", "/captcha_retrain_model", "/v1/retrains"):
        example = schema["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        answer = await client.post(path, json=example)
        assert answer.status_code == 200, answer.text


async def test_health(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz/live")).status_code == 200
    assert (await client.get("/healthz/ready")).json()["model_version"] == "fake-1"
