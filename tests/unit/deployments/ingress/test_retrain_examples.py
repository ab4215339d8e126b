"""The images that a verdict names."""

import base64
from datetime import UTC, datetime

import httpx

from deployments.records import Database, RetrainRecords, RetrainState
from tests.support.images import png


async def test_a_verdicts_images_are_given_and_no_others(client: httpx.AsyncClient, database: Database) -> None:
    images = [png(text) for text in ("41", "42", "43", "44")]
    body = {"list_images_base64": [base64.b64encode(image).decode() for image in images], "list_label": list("abcd")}
    job = (await client.post("/v1/retrains", json={**body, "corrections": False})).json()["id"]
    assert (await client.get(f"/v1/retrains/{job}/examples")).json() == {"images": {}}

    verdict = {"examples": [{"index": 2}, {"index": 0}], "suspects": [{"index": 2}, {"index": 9}]}
    with database.writing() as connection:
        RetrainRecords(connection).move(
            job, to=RetrainState.REJECTED, from_=[RetrainState.QUEUED], at=datetime.now(UTC), verdict=verdict
        )
    found = (await client.get(f"/v1/retrains/{job}/examples")).json()["images"]
    assert sorted(found) == ["0", "2"]
    for index, url in found.items():
        head, _, data = url.partition(",")
        assert head == "data:image/png;base64"
        assert base64.b64decode(data) == images[int(index)]


async def test_an_unknown_job_names_none(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/retrains/0123/examples")).status_code == 404
