"""The console before a service without a model: keys, what fails, and other sites."""

import json
from itertools import repeat
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from deployments.ingress.bodies import EXAMPLE_IMAGE, EXAMPLE_LABEL
from deployments.records import RetrainState
from glyphserve.client import Client
from tests.support.browser import console_page, drop, violations
from tests.support.captcha_server import CaptchaServer
from tests.support.http_service import opened_records, serving
from tests.support.images import png
from tests.support.scripted_retrainer import begin_first_job, end_job
from tests.support.scripted_server import Line, scripted_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEY, OTHER = "k" * 20, "o" * 20


def go(page: Page, view: str) -> None:
    page.get_by_role("link", name=view, exact=True).click()


def test_a_key_is_asked_for_once_and_stays_out_of_every_address(browser: Browser, tmp_path: Path) -> None:
    with (
        serving(tmp_path, admin_keys={"ops": KEY}, read_keys={"kiosk": OTHER}) as service,
        console_page(browser, service.url) as page,
    ):
        urls: list[str] = []
        page.on("request", lambda request: urls.append(request.url))
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("a read key is needed")
        assert violations(page) == []
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        page.get_by_label("Admin or read key").fill(KEY)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Drop images here")).to_be_visible()
        drop(page, [("a.png", png())])
        expect(page.locator(".card img")).to_be_visible()
        assert page.locator(".card img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 60
        for view in ("Correct", "Train", "Models", "Live"):
            go(page, view)
            expect(page.get_by_role("heading", level=1, name=view)).to_be_visible()
        expect(dialog).to_be_hidden()
        page.reload()
        expect(page.get_by_role("heading", level=1, name="Live")).to_be_visible()
        expect(dialog).to_be_hidden()
        assert not any(KEY in url for url in urls)


def test_a_correction_that_is_not_kept_comes_back(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as service, console_page(browser, service.url) as page:
        drop(page, [(f"{n}.png", png(size=(60 + n, 24))) for n in range(2)])
        expect(page.locator(".card")).to_have_count(2)
        page.get_by_role("link", name="Correct these").click()
        field = page.get_by_label("The image says")
        expect(field).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_text("Image 2 of 2")).to_be_visible()
        page.keyboard.press("ArrowUp")
        page.keyboard.type("x")
        page.keyboard.press("Escape")
        expect(field).to_have_value("60x24")
        page.route("**/label", lambda route: route.abort())
        page.keyboard.press("Enter")
        failed = page.get_by_text("60x24 was not kept: The service does not answer")
        expect(failed).to_be_visible()
        page.unroute("**/label")
        page.get_by_role("button", name="Show it").click()
        expect(page.get_by_text("Image 1 of 2")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Image 2 of 2")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_text("2 images checked.")).to_be_visible()
        with Client(service.url) as client:
            assert sorted(str(row.corrected_text) for row in client.recognitions()) == ["60x24", "61x24"]


def test_images_come_by_paste_by_choice_and_from_a_url(browser: Browser, tmp_path: Path) -> None:
    with (
        CaptchaServer() as captchas,
        serving(tmp_path, fetch={"allowed_hosts": ["127.0.0.1"]}) as service,
        console_page(browser, service.url) as page,
    ):
        files = {"a.png": png(), "b.png": b"no"}
        page.get_by_label("Choose images").set_input_files(
            [FilePayload(name=name, mimeType="image/png", buffer=data) for name, data in files.items()]
        )
        expect(page.locator(".card.bad")).to_contain_text("not an image")
        page.evaluate(
            """() => {
                const clipboardData = new DataTransfer();
                clipboardData.items.add(new File([new Uint8Array([1])], "pasted.png", { type: "image/png" }));
                document.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
            }"""
        )
        expect(page.locator(".card.bad")).to_have_count(2)
        page.get_by_label("Image URL").fill(captchas.url())
        page.get_by_label("Count").fill("3")
        page.keyboard.press("Enter")
        expect(page.locator(".card:not(.bad)")).to_have_count(4)
        expect(page.get_by_text("4 images read · 90\u00a0% sure on average · 2 failed")).to_be_visible()
        page.get_by_label("Image URL").fill("http://10.0.0.1/")
        page.keyboard.press("Enter")
        expect(page.get_by_text("URL not allowed")).to_be_visible()


def test_a_job_is_watched_as_it_happens(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as service, opened_records(service) as database, Client(service.url) as client:
        job = client.order_retrain([png()], ["42"])
        with console_page(browser, service.url) as page:
            go(page, "Train")
            page.locator(".jobs a").click()
            badge = page.locator("[role=status] .badge")
            expect(badge).to_have_text("queued")
            begin_first_job(database)
            expect(badge).to_have_text("running")
            expect(page.get_by_text("epoch 3 · loss 0.333 · 90.0 % exact")).to_be_visible()
            expect(page.get_by_role("progressbar", name="Progress of the training")).to_have_js_property("value", 1)
            end_job(database, job.id, RetrainState.REJECTED, reason="not better")
            expect(badge).to_have_text("rejected")
            expect(page.get_by_role("row", name="Your images, held out")).to_contain_text("74.198.2+24.1")
            expect(page.get_by_role("heading", name="Labels that look wrong")).to_be_visible()
            assert violations(page) == []


def test_without_the_service_the_page_says_so_and_comes_back(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as service, console_page(browser, service.url) as page:
        page.route("**/v1/**", lambda route: route.abort())
        go(page, "Models")
        expect(page.get_by_role("alert")).to_contain_text("The service does not answer")
        assert violations(page) == []
        page.unroute("**/v1/**")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("heading", name="What every replica serves now")).to_be_visible()


_FORGED = {
    "/captcha_recap_image": {"image_base64": EXAMPLE_IMAGE},
    "/captcha_retrain_model": {"list_images_base64": [EXAMPLE_IMAGE], "list_label": [EXAMPLE_LABEL]},
    "/v1/models/base-1/activate": {"reason": "evil"},
}


@pytest.mark.parametrize("path", _FORGED)
def test_another_sites_page_cannot_make_the_browser_change_anything(
    browser: Browser, tmp_path: Path, path: str
) -> None:
    elsewhere = repeat(Line(200, b"<!doctype html><title>another site</title>", {"Content-Type": "text/html"}))
    with serving(tmp_path) as service, scripted_server(elsewhere) as site:
        page = browser.new_page()
        # By another name than the service's: another port alone is another origin of the same site.
        page.goto(site.url.replace("127.0.0.1", "localhost"))
        # Refused, and the refusal kept from the page too (Cross-Origin-Resource-Policy).
        with page.expect_event("requestfailed", lambda request: request.url == f"{service.url}{path}"):
            page.evaluate(
                "([url, body]) => { fetch(url, { method: 'POST', mode: 'no-cors', body }).catch(() => {}); }",
                [f"{service.url}{path}", json.dumps(_FORGED[path])],
            )
        page.close()
        with httpx.Client(base_url=service.url) as client:
            assert client.get("/v1/recognitions").json()["items"] == []
            assert client.get("/v1/retrains").json()["items"] == []
            # The same from no browser is let in: what was sent was worth refusing.
            assert client.post(path, json=_FORGED[path]).is_success
        assert len(service.models.asked) == (path == "/v1/models/base-1/activate")
