import httpx
import pytest

from tests.support.images import png_base64
from tests.unit.deployments.ingress.conftest import Serve

KEY = "k" * 20
OTHER = "o" * 20
READ = {"image_base64": png_base64()}
RETRAIN = {"list_images_base64": [png_base64()], "list_label": ["42"]}


async def test_beyond_loopback_nobody_is_answered_by_default(serve: Serve) -> None:
    async with serve(peer="10.1.2.3") as client:
        for path in ("/healthz/live", "/docs", "/openapi.json", "/nowhere"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["message"]) == (403, "peer not allowed")


async def test_beyond_loopback_without_a_key_nothing_may_be_changed(serve: Serve) -> None:
    async with serve(peer="10.1.2.3", host="0.0.0.0") as client:
        assert (await client.post("/captcha_recap_image", json=READ)).status_code == 200
        answer = await client.post("/captcha_retrain_model", json=RETRAIN)
        assert answer.status_code == 401
        assert answer.json()["message"] == "unauthorised"
        assert "GLYPHSERVE_ADMIN_KEYS" in answer.json()["error"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 401),
        ({"Authorization": f"Bearer {KEY}"}, 200),
        ({"Authorization": f"bearer  {KEY}"}, 200),
        ({"X-API-Key": KEY}, 200),
        ({"X-API-Key": OTHER}, 401),
        ({"Authorization": f"Basic {KEY}"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"X-API-Key": KEY + "x"}, 401),
    ],
)
async def test_writing_needs_an_admin_key_when_one_is_set(serve: Serve, headers: dict[str, str], code: int) -> None:
    async with serve(admin_keys={"ops": KEY}, read_keys={"kiosk": OTHER}) as client:
        answer = await client.post("/captcha_retrain_model", json=RETRAIN, headers=headers)
        assert answer.status_code == code
        if code == 401:
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert KEY not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/captcha_retrain_model"),
        ("POST", "/v1/retrains"),
        ("DELETE", "/v1/retrains/0"),
        ("PUT", "/v1/recognitions/0/label"),
        ("POST", "/v1/models/base-1/activate"),
    ],
)
async def test_every_route_that_changes_something_has_that_door(serve: Serve, method: str, path: str) -> None:
    async with serve(admin_keys={"ops": KEY}, read_keys={"kiosk": OTHER}) as client:
        for key in ("", OTHER):
            answer = await client.request(method, path, headers={"X-API-Key": key}, json={})
            assert (answer.status_code, answer.json()["message"]) == (401, "unauthorised")
        assert (await client.request(method, path, headers={"X-API-Key": KEY}, json={})).status_code != 401


@pytest.mark.parametrize(
    "path", ["/v1/retrains", "/v1/retrains/0", "/v1/retrains/0/events", "/v1/models", "/v1/models/x"]
)
async def test_every_route_that_tells_something_has_the_other(serve: Serve, path: str) -> None:
    async with serve(read_keys={"kiosk": OTHER}) as client:
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers={"X-API-Key": OTHER})).status_code != 401


@pytest.mark.parametrize(("key", "code"), [("", 401), (OTHER, 200), (KEY, 200), ("wrong", 401)])
async def test_reading_takes_a_read_key_or_an_admin_key(serve: Serve, key: str, code: int) -> None:
    async with serve(admin_keys={"ops": KEY}, read_keys={"kiosk": OTHER}) as client:
        headers = {"X-API-Key": key} if key else {}
        assert (await client.post("/captcha_recap_image", json=READ, headers=headers)).status_code == code
        assert (await client.get("/v1/recognitions", headers=headers)).status_code == code
        assert (await client.get("/healthz/ready")).status_code == 200


async def test_without_keys_loopback_is_open(client: httpx.AsyncClient) -> None:
    assert (await client.post("/captcha_retrain_model", json=RETRAIN)).status_code == 200
