import httpx
import pytest

from tests.support.images import png_base64
from tests.unit.deployments.ingress.conftest import Serve

IMAGE = png_base64()
RETRAIN = "/captcha_retrain_model"


async def test_examples_are_stored_and_a_job_is_queued(client: httpx.AsyncClient) -> None:
    answer = await client.post(RETRAIN, json={"list_images_base64": [IMAGE] * 3, "list_label": ["a", 12, 3.5]})
    assert answer.status_code == 200
    assert answer.json() == {"message": "", "error": ""}
    job = (await client.get(answer.headers["Location"])).json()
    assert (job["state"], job["examples"], job["debug"]) == ("queued", 3, False)
    page = (await client.get("/v1/retrains")).json()
    assert [item["id"] for item in page["items"]] == [job["id"]]


BAD = [
    ([], [], "empty images", "list_images_base64"),
    ([IMAGE], [], "empty labels", "list_label"),
    ([IMAGE], ["a", "b"], "counts differ", "1 entries"),
    ([IMAGE, IMAGE], ["a", " "], "empty labels", "list_label[1]"),
    ([IMAGE], ["x" * 21], "bad label", "20"),
    ([IMAGE], ["a\nb"], "bad label", "control"),
    ([IMAGE], ["a\u200bb"], "bad label", "control"),
    ([IMAGE], [10**30], "bad label", "20"),
    ([IMAGE], [None], "invalid request", "list_label.0"),
    ([IMAGE], [True], "invalid request", "list_label.0"),
    ([IMAGE, ""], ["a", "b"], "empty image", "list_images_base64[1]"),
    ([IMAGE, "!"], ["a", "b"], "not an image", "list_images_base64[1]"),
    ([IMAGE, "AAAA"], ["a", "b"], "not an image", "list_images_base64[1]"),
    ([IMAGE] * 6, ["a"] * 6, "too many examples", "the limit is 5"),
    ("x", ["a"], "invalid request", "list_images_base64"),
    ([1], ["a"], "invalid request", "list_images_base64.0"),
]


@pytest.mark.parametrize(("images", "labels", "message", "named"), BAD)
async def test_what_is_wrong_is_named_and_nothing_is_stored(
    serve: Serve, images: object, labels: object, message: str, named: str
) -> None:
    async with serve(limits={"examples": 5}) as client:
        answer = await client.post(RETRAIN, json={"list_images_base64": images, "list_label": labels})
        assert answer.status_code == 400
        assert set(answer.json()) == {"message", "error"}
        assert answer.json()["message"] == message
        assert named in answer.json()["error"]
        assert (await client.get("/v1/retrains")).json()["items"] == []


async def test_an_unknown_job_is_404(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/retrains/0123")
    assert (answer.status_code, answer.json()["message"]) == (404, "not found")
