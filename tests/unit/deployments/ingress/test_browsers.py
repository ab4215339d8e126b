"""By which names we are called, which other pages may call, and what every answer tells browsers."""

import httpx
import pytest

from tests.support.images import png_base64
from tests.unit.deployments.ingress.conftest import Serve

READ = {"image_base64": png_base64()}
OURS = "https://ocr.example.org"


async def test_a_name_made_to_point_here_reads_and_writes_nothing(client: httpx.AsyncClient) -> None:
    rebound = {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}
    answer = await client.post("/captcha_recap_image", json=READ, headers=rebound)
    assert (answer.status_code, answer.json()["message"]) == (403, "origin not allowed")
    for path in ("/v1/recognitions", "/docs", "/healthz/ready"):
        answer = await client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.json()["message"]) == (403, "origin not allowed")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
async def test_our_own_page_and_programs_are_served(client: httpx.AsyncClient, host: str) -> None:
    for headers in ({"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}, {}):
        answer = await client.post("/captcha_recap_image", json=READ, headers={"Host": host, **headers})
        assert answer.status_code == 200


async def test_cors_is_closed_by_default(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/recognitions", headers={"Origin": OURS})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_an_allowed_origin_may_call_and_no_other(serve: Serve) -> None:
    async with serve(doors={"allowed_origins": [OURS]}) as client:
        asked = {"Origin": OURS, "Access-Control-Request-Method": "POST", "Host": "ocr.example.org"}
        answer = await client.options("/captcha_recap_image", headers=asked)
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, OURS)
        answer = await client.post("/captcha_recap_image", json=READ, headers={"Origin": OURS})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, OURS)
        assert "Access-Control-Allow-Credentials" not in answer.headers
        other = {**asked, "Origin": "https://evil.example"}
        assert (await client.options("/captcha_recap_image", headers=other)).status_code == 400
        assert (await client.post("/captcha_recap_image", json=READ, headers=other)).status_code == 403


async def test_every_answer_has_the_security_headers(client: httpx.AsyncClient, serve: Serve) -> None:
    read = await client.post("/captcha_recap_image", json=READ)
    image = await client.get(read.json()["content"]["list_path"][0])
    refused = await client.post("/captcha_recap_image", json={}, headers={"Origin": "null"})
    answers = [read, image, refused, await client.get("/docs"), await client.get("/nowhere")]
    answers.append(await client.post("/captcha_recap_image", content=b"x" * (9 << 20)))
    async with serve(peer="10.1.2.3") as stranger:
        answers.append(await stranger.get("/healthz/live"))
    assert [answer.status_code for answer in answers] == [200, 200, 403, 200, 404, 413, 403]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in image.headers["Content-Security-Policy"]
    assert image.headers["Cache-Control"].startswith("private")
    assert read.headers["Cache-Control"] == "no-store"
