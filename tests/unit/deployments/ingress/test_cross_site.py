import httpx
import pytest

from tests.support.images import png_base64

READ = {"image_base64": png_base64()}
OWN = "http://127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 200),
        ({"Origin": OWN}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": OWN}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        # Behind a proxy that changes the host, the browser's own word counts.
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://console.example"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:8001"}, 403),
        ({"Origin": "http://127.0.0.1.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": OWN}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://other.test"}, 403),
    ],
)
async def test_what_another_sites_page_sends_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], code: int
) -> None:
    answer = await client.post("/captcha_recap_image", json=READ, headers=headers)
    assert answer.status_code == code
    if code == 403:
        assert answer.json()["message"] == "origin not allowed"
        assert (await client.get("/v1/recognitions")).json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/captcha_image"),
        ("POST", "/captcha_retrain_model"),
        ("POST", "/v1/retrains"),
        ("DELETE", "/v1/retrains/0"),
        ("PUT", "/v1/recognitions/0/label"),
        ("POST", "/v1/models/base-1/activate"),
    ],
)
async def test_no_route_that_changes_something_is_left_out(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path, json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_links_from_elsewhere_may_lead_here(client: httpx.AsyncClient) -> None:
    assert (await client.get("/", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200
