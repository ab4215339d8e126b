import asyncio
import base64

import httpx
import pytest

from deployments.status import Status
from ocr_model.reader import Reader
from ocr_model.reading import Reading
from ocr_model.weights import base_folder
from tests.support.captcha_server import CaptchaServer, draw_captcha, drawn_text
from tests.support.cluster import RunningCluster

RECAP = "/captcha_recap_image"


def recap(number: int, **fields: object) -> dict[str, object]:
    return {"image_base64": base64.b64encode(draw_captcha(number)).decode(), **fields}


def test_ready_names_the_model(service: RunningCluster) -> None:
    answer = httpx.get(f"{service.base_url}/healthz/ready")
    assert answer.status_code == 200
    assert answer.json()["model_version"].startswith("base-")
    assert len(answer.headers.get_list("X-Request-Id")) == 1


def test_plain_digits_are_read_right(service: RunningCluster) -> None:
    # Without the 1 of Pillow's own font, a stroke with a long flag, which the shipped model takes for a 7.
    numbers = [number for number in range(100) if "1" not in drawn_text(number)][:20]
    with httpx.Client(base_url=service.base_url) as client:
        answers = [client.post(f"{RECAP}?details=true", json=recap(number)).json() for number in numbers]
    labels = [answer["content"]["list_label"][0] for answer in answers]
    right = sum(label == drawn_text(number) for number, label in zip(numbers, labels, strict=True))
    # Plain drawn digits: a model that misses two of twenty is broken.
    assert right >= 18, labels
    assert all(0.0 <= answer["content"]["list_confidence"][0] <= 1.0 for answer in answers)


def test_images_of_a_url_are_read_in_order_and_kept(service: RunningCluster) -> None:
    with CaptchaServer() as captchas, httpx.Client(base_url=service.base_url, timeout=30) as client:
        body = {"session_id": "s1", "image_url": captchas.url("/captcha.png"), "time": 12}
        answer = client.post("/captcha_image", json=body)
        assert answer.status_code == 200, answer.text
        content = answer.json()["content"]
        images = [client.get(path).content for path in content["list_path"]]
        assert sorted(images) == sorted(draw_captcha(number) for number in range(captchas.seen.images))
    alone = Reader.load(base_folder()).read(images)
    assert [reading.text for reading in alone if isinstance(reading, Reading)] == content["list_label"]
    assert len(set(content["list_label"])) == len(set(images)) == 12
    assert {request.headers["cookie"] for request in captchas.seen.requests} == {"session_id=s1"}


@pytest.mark.parametrize(
    "restriction",
    [{"charset": "01"}, {"charset": "xyz"}, {"min_length": 7}, {"max_length": 2}, {"charset": "ab", "min_length": 3}],
)
def test_a_restriction_is_kept(service: RunningCluster, restriction: dict[str, object]) -> None:
    answer = httpx.post(f"{service.base_url}{RECAP}", json=recap(1, **restriction))
    assert answer.status_code == 200, answer.text
    (label,) = answer.json()["content"]["list_label"]
    assert set(label) <= set(str(restriction.get("charset", label)))
    assert len(label) >= int(str(restriction.get("min_length", 0)))
    assert len(label) <= int(str(restriction.get("max_length", 20)))


async def test_many_connections_get_their_own_answers(service: RunningCluster) -> None:
    async with httpx.AsyncClient(base_url=service.base_url, timeout=60) as client:
        alone = [(await client.post(RECAP, json=recap(n))).json()["content"]["list_label"] for n in range(16)]
        numbers = [n % 16 for n in range(160)]
        answers = await asyncio.gather(*(client.post(RECAP, json=recap(n)) for n in numbers))
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.json()["content"]["list_label"] for answer in answers] == [alone[n] for n in numbers]
    assert len({answer.json()["content"]["list_id"][0] for answer in answers}) == 160


def test_bad_requests_beside_good_ones_harm_nobody(service: RunningCluster) -> None:
    bad: list[tuple[object, int, str]] = [
        (b"{", 400, Status.INVALID_REQUEST),
        (b"[" * 200_000, 400, Status.INVALID_REQUEST),
        (b'{"image_base64": "QUJD"}', 400, Status.NOT_AN_IMAGE),
        (b'{"image_base64": ""}', 400, Status.EMPTY_IMAGE),
        (b'{"image_base64": "' + b"A" * 50_000_000 + b'"}', 413, Status.BODY_TOO_LARGE),
    ]
    with httpx.Client(base_url=service.base_url, timeout=60) as client:
        for content, code, status in bad:
            answer = client.post(RECAP, content=content)  # type: ignore[arg-type]
            assert (answer.status_code, answer.json()["message"]) == (code, status)
            assert client.post(RECAP, json=recap(3)).status_code == 200


def test_a_retrain_request_is_stored_and_queued(service: RunningCluster) -> None:
    images = [base64.b64encode(draw_captcha(number)).decode() for number in range(30)]
    body = {"list_images_base64": images, "list_label": [drawn_text(number) for number in range(30)]}
    with httpx.Client(base_url=service.base_url, timeout=60) as client:
        answer = client.post("/captcha_retrain_model", json=body)
        assert answer.json() == {"message": "", "error": ""}
        job = client.get(answer.headers["Location"]).json()
    assert (job["state"], job["examples"]) == ("queued", 30)
