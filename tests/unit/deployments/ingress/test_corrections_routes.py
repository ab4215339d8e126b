import asyncio

import httpx
import pytest

from tests.support.images import png_base64

UNKNOWN = "0" * 32


async def read(client: httpx.AsyncClient, width: int = 60) -> str:
    answer = await client.post("/captcha_recap_image", json={"image_base64": png_base64(size=(width, 24))})
    id_ = answer.json()["content"]["list_id"][0]
    assert isinstance(id_, str)
    return id_


async def correct(client: httpx.AsyncClient, id_: str, label: object) -> httpx.Response:
    return await client.put(f"/v1/recognitions/{id_}/label", json={"label": label})


async def test_a_correction_is_kept_and_a_second_one_replaces_it(client: httpx.AsyncClient) -> None:
    id_ = await read(client)

    for label in ("first", "secönd"):
        answer = await correct(client, id_, label)
        assert answer.status_code == 200, answer.text
        row = answer.json()
        assert (row["id"], row["text"], row["corrected_text"]) == (id_, "60x24", label)
        assert row["corrected_at"] >= row["created_at"]
        assert (await client.get(f"/v1/recognitions/{id_}")).json() == row

    assert [row["id"] for row in (await client.get("/v1/recognitions?corrected=true")).json()["items"]] == [id_]


@pytest.mark.parametrize(("label", "kept"), [(42, "42"), (3.5, "3.5"), ("e\u0301", "\u00e9"), ("x" * 20, "x" * 20)])
async def test_labels_are_taken_as_in_retraining(client: httpx.AsyncClient, label: object, kept: str) -> None:
    answer = await correct(client, await read(client), label)
    assert (answer.status_code, answer.json()["corrected_text"]) == (200, kept)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("", "empty labels"),
        (" ", "empty labels"),
        ("x" * 21, "bad label"),
        ("a\nb", "bad label"),
        ("a\0b", "bad label"),
        (None, "invalid request"),
        (True, "invalid request"),
        (["a"], "invalid request"),
    ],
)
async def test_a_bad_label_is_400_and_changes_nothing(client: httpx.AsyncClient, label: object, message: str) -> None:
    id_ = await read(client)

    answer = await correct(client, id_, label)

    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert answer.json()["error"].startswith("label")
    assert (await client.get(f"/v1/recognitions/{id_}")).json()["corrected_text"] is None


@pytest.mark.parametrize("id_", [UNKNOWN, "x", "..%2f..", "%00"])
async def test_what_is_not_there_cannot_be_corrected(client: httpx.AsyncClient, id_: str) -> None:
    answer = await correct(client, id_, "x")
    assert (answer.status_code, answer.json()["message"]) == (404, "not found")


async def test_corrections_at_once_are_all_kept(client: httpx.AsyncClient) -> None:
    ids = [await read(client, 60 + n) for n in range(10)]
    answers = await asyncio.gather(*(correct(client, id_, n) for n, id_ in enumerate(ids)))
    assert {answer.status_code for answer in answers} == {200}
    page = (await client.get("/v1/recognitions?corrected=true")).json()
    assert [row["corrected_text"] for row in page["items"]] == [str(n) for n in reversed(range(10))]
