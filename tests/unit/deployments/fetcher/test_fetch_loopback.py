"""Downloads from a real server on loopback that the operator has listed."""

import asyncio
from urllib.parse import quote

import pytest

from deployments.errors import LinkUnreachableError, NotReadyError, RequestError, UrlNotAllowedError
from deployments.fetcher.fetcher import Fetcher
from deployments.status import Status
from tests.support.captcha_server import CaptchaServer, draw_captcha
from tests.unit.deployments.fetcher.scripted import MakeFetcher

LOOPBACK = ("127.0.0.1",)


@pytest.fixture
def fetcher(make_fetcher: MakeFetcher) -> Fetcher:
    return make_fetcher(allowed_hosts=LOOPBACK, total_timeout_s=20.0)


async def test_a_url_gives_as_many_new_images_as_asked_for(fetcher: Fetcher, server: CaptchaServer) -> None:
    images = await fetcher.fetch_many(server.url("/captcha.png?a=1&b=%20c"), session_id="s", count=9)

    assert sorted(image.data for image in images) == sorted(draw_captcha(number) for number in range(9))
    assert {image.media_type for image in images} == {"image/png"}
    assert {request.path for request in server.requests} == {"/captcha.png?a=1&b=%20c"}


async def test_one_at_a_time_the_images_keep_their_order_and_connection(
    make_fetcher: MakeFetcher, server: CaptchaServer
) -> None:
    fetcher = make_fetcher(allowed_hosts=LOOPBACK, max_concurrency_per_host=1)
    images = await fetcher.fetch_many(server.url(), session_id="s", count=5)

    assert [image.data for image in images] == [draw_captcha(number) for number in range(5)]
    assert server.connections == 1


async def test_the_order_is_that_of_the_requests_even_when_the_last_is_answered_first(
    make_fetcher: MakeFetcher, server: CaptchaServer
) -> None:
    fetcher = make_fetcher(allowed_hosts=LOOPBACK, max_concurrency_per_host=4)
    images = await fetcher.fetch_many(server.url("/reverse/4"), session_id="s", count=4)

    assert [image.data for image in images] == [b"0", b"1", b"2", b"3"]


async def test_concurrency_per_host_is_bounded_over_all_requests(
    make_fetcher: MakeFetcher, server: CaptchaServer
) -> None:
    fetcher = make_fetcher(allowed_hosts=LOOPBACK, max_concurrency_per_host=2)
    waiting = [
        asyncio.create_task(fetcher.fetch_many(server.url("/silent"), session_id="s", count=3)) for _ in range(3)
    ]
    await asyncio.to_thread(server.await_requests, 2)
    # Somebody else's download comes through meanwhile; had there been no bound, nine would have come before it.
    await make_fetcher(allowed_hosts=LOOPBACK).fetch_many(server.url(), session_id="s", count=1)
    assert server.connections == 2 + 1

    for task in waiting:
        task.cancel()
    assert [type(result) for result in await asyncio.gather(*waiting, return_exceptions=True)] == [
        asyncio.CancelledError
    ] * 3


async def test_every_download_carries_the_session_and_asks_plainly(
    make_fetcher: MakeFetcher, server: CaptchaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    fetcher = make_fetcher(allowed_hosts=LOOPBACK, cookie_name="JSESSIONID", user_agent="reader/1")
    await fetcher.fetch_many(server.url(), session_id="a1/b=.c", count=3)

    assert len(server.requests) == 3
    for request in server.requests:
        assert request.headers == {
            "host": f"127.0.0.1:{server.port}",
            "user-agent": "reader/1",
            "accept": "image/*, */*;q=0.5",
            "accept-encoding": "identity",
            "cookie": "JSESSIONID=a1/b=.c",
        }


async def test_names_are_looked_up_by_the_system(make_fetcher: MakeFetcher, server: CaptchaServer) -> None:
    fetcher = make_fetcher(allowed_hosts=("localhost",))

    assert len(await fetcher.fetch_many(server.url(host="localhost"), session_id="s", count=2)) == 2


async def test_what_is_not_an_image_is_handed_on_with_its_type(fetcher: Fetcher, server: CaptchaServer) -> None:
    (page,) = await fetcher.fetch_many(server.url("/html"), session_id="s", count=1)

    assert page.data.startswith(b"<!doctype html>")
    assert page.media_type == "text/html"


async def test_a_compressed_image_is_unpacked(fetcher: Fetcher, server: CaptchaServer) -> None:
    (image,) = await fetcher.fetch_many(server.url("/gzip"), session_id="s", count=1)

    assert image.data == draw_captcha(0)


FAILURES = {
    "/status/404": "answered with status 404",
    "/status/500": "answered with status 500",
    "/status/204": "answered with status 204",
    "/status/304": "answered with status 304",
    "/endless": "more than 3145728 bytes",
    "/declared/3145729": "more than 3145728 bytes",
    "/bomb": "more than 3145728 bytes",
    "/early": "stopped before the end",
    "/garbage": "did not speak HTTP",
    "/cut-gzip": "ends too early",
    "/brotli": "content encoding",
    "/redirect/4": "more than 3 times",
    "/loop": "more than 3 times",
    "/nowhere": "without saying where to",
}


@pytest.mark.parametrize(("path", "sentence"), FAILURES.items())
async def test_one_failed_download_fails_them_all_and_says_why(
    fetcher: Fetcher, server: CaptchaServer, path: str, sentence: str
) -> None:
    with pytest.raises(LinkUnreachableError, match=sentence) as caught:
        await fetcher.fetch_many(server.url(path), session_id="s", count=3)

    assert "127.0.0.1" not in caught.value.detail
    assert "aiohttp" not in caught.value.detail


async def test_an_empty_body_is_an_empty_image(fetcher: Fetcher, server: CaptchaServer) -> None:
    with pytest.raises(RequestError) as caught:
        await fetcher.fetch_many(server.url("/empty"), session_id="s", count=1)

    assert caught.value.status is Status.EMPTY_IMAGE


@pytest.mark.parametrize("path", ["/silent", "/stall"])
async def test_all_downloads_together_have_one_deadline(
    make_fetcher: MakeFetcher, server: CaptchaServer, path: str
) -> None:
    fetcher = make_fetcher(allowed_hosts=LOOPBACK, total_timeout_s=0.2)

    with pytest.raises(LinkUnreachableError, match=r"did not give 2 images within 0\.2 s"):
        await fetcher.fetch_many(server.url(path), session_id="s", count=2)


async def test_a_port_that_nobody_listens_on_is_refused(fetcher: Fetcher) -> None:
    with CaptchaServer() as gone:
        url = gone.url()

    with pytest.raises(LinkUnreachableError, match="the connection was refused"):
        await fetcher.fetch_many(url, session_id="s", count=2)


async def test_the_images_of_one_request_have_a_budget(make_fetcher: MakeFetcher, server: CaptchaServer) -> None:
    size = max(len(draw_captcha(number)) for number in range(4))
    fetcher = make_fetcher(allowed_hosts=LOOPBACK, max_bytes=size, max_total_bytes=2 * size)

    assert len(await fetcher.fetch_many(server.url(), session_id="s", count=2)) == 2
    with pytest.raises(LinkUnreachableError, match=f"more than {2 * size} bytes for the images of one request"):
        await fetcher.fetch_many(server.url(), session_id="s", count=4)


async def test_redirects_up_to_the_limit_lead_to_the_image(fetcher: Fetcher, server: CaptchaServer) -> None:
    (image,) = await fetcher.fetch_many(server.url("/redirect/3"), session_id="s", count=1)

    assert image.data == draw_captcha(0)
    assert [request.path for request in server.requests] == [
        "/redirect/3",
        "/redirect/2",
        "/redirect/1",
        "/captcha.png",
    ]
    assert all(request.headers["cookie"] == "session_id=s" for request in server.requests)


async def test_a_redirect_to_another_site_is_followed_without_the_session(
    fetcher: Fetcher, server: CaptchaServer
) -> None:
    with CaptchaServer() as other:
        (image,) = await fetcher.fetch_many(server.url(f"/to?{other.url()}"), session_id="secret", count=1)

        assert image.data == draw_captcha(0)
        assert [request.headers.get("cookie") for request in server.requests] == ["session_id=secret"]
        assert [request.headers.get("cookie") for request in other.requests] == [None]


REDIRECTS_REFUSED = [
    "http://127.0.0.2/",
    "http://[::1]/",
    "http://2130706433/",
    "//169.254.169.254/latest/meta-data/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "http://user:pass@127.0.0.1/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1\\@example.org/",
    "javascript:alert(1)",
    "http://%31%32%37.0.0.1/",
]


@pytest.mark.parametrize("location", REDIRECTS_REFUSED)
async def test_a_redirect_is_guarded_like_the_url_itself(
    fetcher: Fetcher, server: CaptchaServer, location: str
) -> None:
    with pytest.raises(UrlNotAllowedError, match="a redirect of image_url") as caught:
        await fetcher.fetch_many(server.url(f"/to?{quote(location)}"), session_id="s", count=2)

    assert location not in caught.value.detail
    assert {request.path for request in server.requests} == {f"/to?{quote(location)}"}


async def test_the_first_failure_cancels_the_rest(make_fetcher: MakeFetcher, server: CaptchaServer) -> None:
    fetcher = make_fetcher(allowed_hosts=LOOPBACK, max_concurrency_per_host=1)

    with pytest.raises(LinkUnreachableError, match="404"):
        await fetcher.fetch_many(server.url("/status/404"), session_id="s", count=50)

    assert len(server.requests) < 50


async def test_a_cancelled_request_leaves_nothing_behind(fetcher: Fetcher, server: CaptchaServer) -> None:
    before = asyncio.all_tasks()
    running = asyncio.create_task(fetcher.fetch_many(server.url("/silent"), session_id="s", count=4))
    await asyncio.to_thread(server.await_requests, 4)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert asyncio.all_tasks() == before
    assert len(fetcher._slots) == 0


async def test_a_closed_fetcher_finishes_what_runs_and_takes_nothing_new(
    fetcher: Fetcher, server: CaptchaServer
) -> None:
    running = asyncio.create_task(fetcher.fetch_many(server.url(), session_id="s", count=3))
    await asyncio.sleep(0)
    await fetcher.aclose()

    assert running.done()
    assert len(running.result()) == 3
    with pytest.raises(NotReadyError):
        await fetcher.fetch_many(server.url(), session_id="s", count=1)


async def test_the_caller_must_ask_for_an_image(fetcher: Fetcher, server: CaptchaServer) -> None:
    with pytest.raises(ValueError, match="count is 0"):
        await fetcher.fetch_many(server.url(), session_id="s", count=0)
