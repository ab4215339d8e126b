from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.support.captcha_server import CaptchaServer
from tests.unit.deployments.ingress.conftest import Serve

ROUTE = "/captcha_image"
EMPTY: dict[str, list[str]] = {"list_id": [], "list_label": [], "list_path": []}


@pytest.fixture
def captchas() -> Iterator[CaptchaServer]:
    with CaptchaServer() as server:
        yield server


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[httpx.AsyncClient]:
    fetch = {"allowed_hosts": ["127.0.0.1"], "total_timeout_s": 2}
    async with serve(fetch=fetch, limits={"images_per_request": 20}) as client:
        yield client


async def test_a_url_is_downloaded_as_often_as_asked(client: httpx.AsyncClient, captchas: CaptchaServer) -> None:
    body = {"session_id": "abc123", "image_url": captchas.url("/captcha.png"), "time": 5}
    answer = await client.post(f"{ROUTE}?details=true", json=body)
    assert answer.status_code == 200, answer.text
    content = answer.json()["content"]
    assert content["list_label"] == ["160x60"] * 5
    assert all(len(content[key]) == 5 for key in content)
    assert len(set(content["list_id"])) == 5
    assert [request.headers["cookie"] for request in captchas.seen.requests] == ["session_id=abc123"] * 5

    images = [(await client.get(path)).content for path in content["list_path"]]
    assert len(set(images)) == 5
    page = (await client.get("/v1/recognitions")).json()
    assert [item["id"] for item in page["items"]] == content["list_id"][::-1]
    assert {item["source"] for item in page["items"]} == {"url"}


BAD = [
    ({"time": 0}, "time lower than 1", "time"),
    ({"time": -1}, "time lower than 1", "time"),
    ({"time": 21}, "time over the limit", "20"),
    ({"time": 10**9}, "time over the limit", "20"),
    ({"time": 10**40}, "time over the limit", "20"),
    ({"time": "3"}, "invalid request", "time"),
    ({"time": 2.5}, "invalid request", "time"),
    ({"time": True}, "invalid request", "time"),
    ({"time": None}, "invalid request", "time"),
    ({"session_id": ""}, "empty session", "session_id"),
    ({"session_id": 5}, "invalid request", "session_id"),
    ({"session_id": "a; b"}, "invalid request", "session_id"),
    ({"session_id": "x" * 5000}, "invalid request", "4096"),
    ({"image_url": ""}, "empty URL", "image_url"),
    ({"image_url": 5}, "invalid request", "image_url"),
    ({"image_url": "h" * 5000}, "invalid request", "2048"),
    ({"image_url": "ftp://127.0.0.1/a"}, "URL not allowed", ""),
    ({"image_url": "http://10.0.0.1/a.png"}, "URL not allowed", ""),
    ({"image_url": "http://[::1]/"}, "URL not allowed", ""),
]


@pytest.mark.parametrize(("change", "message", "named"), BAD)
async def test_bad_fields_are_400_and_named(
    client: httpx.AsyncClient, captchas: CaptchaServer, change: dict[str, object], message: str, named: str
) -> None:
    body = {"session_id": "abc", "image_url": captchas.url("/captcha.png"), "time": 1, **change}
    answer = await client.post(ROUTE, json=body)
    assert answer.status_code == 400
    assert (answer.json()["message"], answer.json()["content"]) == (message, EMPTY)
    assert named in answer.json()["error"]
    assert captchas.seen.connections == 0


@pytest.mark.parametrize("missing", ["session_id", "image_url", "time"])
async def test_a_missing_field_is_named(client: httpx.AsyncClient, missing: str) -> None:
    body = {"session_id": "abc", "image_url": "http://127.0.0.1/", "time": 1}
    del body[missing]
    answer = await client.post(ROUTE, json=body)
    assert answer.status_code == 400
    assert answer.json()["message"] == "invalid request"
    assert answer.json()["error"].startswith(missing)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/status/404", "link could not be reached"),
        ("/html", "not an image"),
        ("/endless", "link could not be reached"),
        ("/silent", "link could not be reached"),
        ("/early", "link could not be reached"),
        ("/loop", "link could not be reached"),
        ("/empty", "empty image"),
    ],
)
async def test_a_target_that_gives_no_image_fails_the_request_whole(
    client: httpx.AsyncClient, captchas: CaptchaServer, path: str, message: str
) -> None:
    body = {"session_id": "abc", "image_url": captchas.url(path), "time": 3}
    answer = await client.post(ROUTE, json=body)
    assert answer.status_code == 400
    assert (answer.json()["message"], answer.json()["content"]) == (message, EMPTY)
    assert answer.json()["error"]
    assert "127.0.0.1" not in answer.json()["error"] or path == "/status/404"
    assert (await client.get("/v1/recognitions")).json()["items"] == []


async def test_a_refused_port(client: httpx.AsyncClient) -> None:
    with CaptchaServer() as gone:
        url = gone.url("/captcha.png")
    answer = await client.post(ROUTE, json={"session_id": "a", "image_url": url, "time": 1})
    assert (answer.status_code, answer.json()["message"]) == (400, "link could not be reached")


async def test_by_default_this_machine_is_not_a_target(serve: Serve, captchas: CaptchaServer) -> None:
    async with serve() as client:
        body = {"session_id": "a", "image_url": captchas.url("/captcha.png"), "time": 1}
        answer = await client.post(ROUTE, json=body)
    assert (answer.status_code, answer.json()["message"]) == (400, "URL not allowed")
    assert captchas.seen.connections == 0
