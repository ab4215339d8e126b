import asyncio
import base64
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from ray.exceptions import RayActorError
from ray.serve.exceptions import BackPressureError, RayServeException

from tests.support.fake_recognizer import VERSION, FakeRecognizer
from tests.support.images import png, png_base64, png_claiming
from tests.unit.deployments.ingress.conftest import Serve

EMPTY: dict[str, list[str]] = {"list_id": [], "list_label": [], "list_path": []}
RECAP = "/captcha_recap_image"


async def test_an_image_is_read_stored_and_served(client: httpx.AsyncClient) -> None:
    answer = await client.post(RECAP, json={"image_base64": png_base64()})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["message"], body["error"]) == ("", "")
    assert set(body["content"]) == {"list_id", "list_label", "list_path"}
    assert body["content"]["list_label"] == ["60x24"]
    assert answer.headers["X-Model-Version"] == VERSION
    assert answer.headers["X-Request-Id"]

    (path,) = body["content"]["list_path"]
    image = await client.get(path)
    assert (image.content, image.headers["content-type"]) == (png(), "image/png")

    row = (await client.get(f"/v1/recognitions/{body['content']['list_id'][0]}")).json()
    assert (row["text"], row["source"], row["model_version"], row["image"]) == ("60x24", "upload", VERSION, path)
    assert row["corrected_text"] is None


async def test_details_add_confidence_and_version(client: httpx.AsyncClient) -> None:
    content = (await client.post(f"{RECAP}?details=true", json={"image_base64": png_base64()})).json()["content"]
    assert content["list_confidence"] == [0.9]
    assert content["list_model_version"] == [VERSION]


async def test_old_clients_that_send_no_content_type_are_served(client: httpx.AsyncClient) -> None:
    body = json.dumps({"image_base64": png_base64(), "unknown": [1]})
    answer = await client.post(RECAP, content=body)
    assert answer.status_code == 200
    form = await client.post(RECAP, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert form.status_code == 200


async def test_restrictions_reach_the_recognizer_for_this_request_alone(
    client: httpx.AsyncClient, recognizer: FakeRecognizer
) -> None:
    await client.post(RECAP, json={"image_base64": png_base64(), "charset": "01", "min_length": 2, "max_length": 4})
    await client.post(RECAP, json={"image_base64": png_base64()})
    (restricted,), (free,) = recognizer.calls
    assert restricted.constraint.characters == frozenset("01")
    assert (restricted.constraint.min_length, restricted.constraint.max_length) == (2, 4)
    assert free.constraint.characters is None
    assert free.constraint.max_length is None


BAD_BODIES = [
    ({}, "invalid request", "image_base64"),
    ({"image_base64": None}, "invalid request", "image_base64"),
    ({"image_base64": 7}, "invalid request", "image_base64"),
    ({"image_base64": ["a"]}, "invalid request", "image_base64"),
    ([], "invalid request", "object"),
    ("text", "invalid request", "object"),
    ({"image_base64": ""}, "empty image", "image_base64"),
    ({"image_base64": "not base64 at all!"}, "not an image", "image_base64"),
    ({"image_base64": base64.b64encode(b"just text").decode()}, "not an image", "image_base64"),
    ({"image_base64": base64.b64encode(b"<!DOCTYPE html><html>").decode()}, "not an image", "image_base64"),
    ({"image_base64": base64.b64encode(png()[:60]).decode()}, "not an image", "image_base64"),
    ({"image_base64": base64.b64encode(png_claiming(1, 1)).decode()}, "not an image", "image_base64"),
    ({"image_base64": base64.b64encode(png_claiming(20_000, 20_000)).decode()}, "image too large", "image_base64"),
    ({"image_base64": png_base64(size=(9000, 9))}, "image too large", "image_base64"),
    ({"image_base64": base64.b64encode(b"x" * (4 << 20)).decode()}, "image too large", "limit"),
    ({"image_base64": png_base64(), "min_length": "3"}, "invalid request", "min_length"),
    ({"image_base64": png_base64(), "min_length": 5, "max_length": 3}, "bad restriction", "length"),
    ({"image_base64": png_base64(), "charset": ""}, "bad restriction", ""),
    ({"image_base64": png_base64(), "charset": 1}, "invalid request", "charset"),
    ({"image_base64": png_base64(), "max_length": 0}, "bad restriction", "max_length"),
    ({"image_base64": png_base64(), "max_length": -1}, "bad restriction", "max_length"),
]


@pytest.mark.parametrize(("body", "message", "named"), BAD_BODIES)
async def test_bad_input_is_400_and_named(client: httpx.AsyncClient, body: object, message: str, named: str) -> None:
    answer = await client.post(RECAP, json=body)
    assert answer.status_code == 400
    told = answer.json()
    assert (told["message"], told["content"]) == (message, EMPTY)
    assert named in told["error"]
    assert (await client.get("/v1/recognitions")).json()["items"] == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"{'a': 1}", b"\xff\xfe", b"[" * 100_000, b'{"image_base64": "\\ud800"}']
)
async def test_malformed_json_is_400(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post(RECAP, content=content)
    assert answer.status_code == 400
    assert answer.json() == {"message": "invalid request", "error": "the body is not valid JSON", "content": EMPTY}


async def test_a_body_over_the_limit_is_413(serve: Serve) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield b"x" * 1000

    async with serve(limits={"body_bytes": 4096}) as client:
        declared = await client.post(RECAP, content=b"x" * 5000)
        streamed = await client.post(RECAP, content=chunks())
    for answer in (declared, streamed):
        assert answer.status_code == 413
        assert answer.json()["message"] == "body too large"
        assert "4096" in answer.json()["error"]


async def test_a_lost_replica_is_asked_again_once(client: httpx.AsyncClient, recognizer: FakeRecognizer) -> None:
    recognizer.script = [RayActorError()]
    assert (await client.post(RECAP, json={"image_base64": png_base64()})).status_code == 200
    recognizer.script = [RayActorError(), RayActorError()]
    answer = await client.post(RECAP, json={"image_base64": png_base64()})
    assert answer.status_code == 503
    assert answer.json()["message"] == "not ready"
    assert answer.headers["Retry-After"] == "1"


async def test_a_deployment_that_is_not_there_is_not_ready(
    client: httpx.AsyncClient, recognizer: FakeRecognizer
) -> None:
    recognizer.script = [RayServeException("is unavailable because it failed to deploy")]
    answer = await client.post(RECAP, json={"image_base64": png_base64()})
    assert (answer.status_code, answer.json()["message"]) == (503, "not ready")
    assert "deploy" not in answer.json()["error"]


async def test_a_full_queue_is_429(client: httpx.AsyncClient, recognizer: FakeRecognizer) -> None:
    recognizer.script = [BackPressureError(num_queued_requests=1, max_queued_requests=1)]
    answer = await client.post(RECAP, json={"image_base64": png_base64()})
    assert (answer.status_code, answer.json()["message"]) == (429, "too busy")
    assert answer.headers["Retry-After"] == "1"


async def test_a_defect_is_a_plain_500(client: httpx.AsyncClient, recognizer: FakeRecognizer) -> None:
    recognizer.script = [ZeroDivisionError("at /secret/path.py")]
    answer = await client.post(RECAP, json={"image_base64": png_base64()})
    assert answer.status_code == 500
    assert answer.json() == {
        "message": "internal error",
        "error": "the service failed on this request",
        "content": EMPTY,
    }
    assert answer.headers["X-Request-Id"]


async def test_concurrent_requests_share_calls(client: httpx.AsyncClient, recognizer: FakeRecognizer) -> None:
    bodies = [{"image_base64": png_base64(size=(60 + i, 24))} for i in range(40)]
    answers = await asyncio.gather(*(client.post(RECAP, json=body) for body in bodies))
    assert [a.json()["content"]["list_label"] for a in answers] == [[f"{60 + i}x24"] for i in range(40)]
    assert len(recognizer.calls) < 40


async def test_the_client_s_request_id_is_kept_if_it_is_sane(client: httpx.AsyncClient) -> None:
    kept = await client.get("/healthz/live", headers={"X-Request-ID": "trace-1:a"})
    assert kept.headers["X-Request-Id"] == "trace-1:a"
    replaced = await client.get("/healthz/live", headers={"X-Request-ID": 'x" onload="'})
    assert len(replaced.headers["X-Request-Id"]) == 32
