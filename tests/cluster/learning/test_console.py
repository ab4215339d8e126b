"""A person at the console, keyboard in hand: drop, correct, retrain, promoted, read again, right; and the way back."""

import io
import itertools
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Scheme, Screen, chromium, console_page, drop, keep_screenshot, violations
from tests.support.cluster import REPOSITORY, RunningCluster

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

IMAGES = 30
JOB_MS = 300_000
VIEWS = ("read", "correct", "train", "job", "models", "live")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def drawn(text: str) -> bytes:
    """Letters whose case only their owner knows: the base model takes them for capitals."""
    image = Image.new("RGB", (30 + 22 * len(text), 48), "white")
    ImageDraw.Draw(image).text((12, 6), text, fill="black", font=ImageFont.load_default(size=30))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def labels() -> list[str]:
    every = ["".join(letters) for letters in itertools.product("vxz", repeat=4)]
    return random.Random(7).sample(every, IMAGES)


def read_all(page: Page, labels: list[str]) -> int:
    """Drop all images on the page; how many of them are read exactly."""
    page.get_by_role("link", name="Read", exact=True).click()
    expect(page.get_by_text("Drop images here")).to_be_visible()
    clear = page.get_by_role("button", name="Clear")
    if clear.count():
        clear.click()
    drop(page, [(f"{label}.png", drawn(label)) for label in labels])
    cards = page.locator(".card .glyphs > .hidden")
    expect(cards).to_have_count(len(labels), timeout=60_000)
    return sum(read == label for read, label in zip(cards.all_inner_texts(), labels, strict=True))


def correct_all(page: Page, cluster: RunningCluster, labels: list[str]) -> float:
    """Correct image after image with the keyboard alone; seconds an image, on average."""
    truth = {drawn(label): label for label in labels}
    page.get_by_role("link", name="Correct these").press("Enter")
    field = page.get_by_label("The image says")
    spent_s = 0.0
    for number in range(len(labels)):
        expect(page.get_by_text(f"{number} of {len(labels)} checked")).to_be_visible()
        expect(field).to_be_focused()
        shown = page.get_by_alt_text("The image to read").get_attribute("src")
        label = truth[httpx.get(f"{cluster.base_url}{shown}").content]
        began_s = time.monotonic()
        page.keyboard.press("Control+A")
        page.keyboard.type(label)
        page.keyboard.press("Enter")
        spent_s += time.monotonic() - began_s
    expect(page.get_by_text(f"{len(labels)} images checked.")).to_be_visible()
    return spent_s / len(labels)


def retrain(page: Page) -> str:
    """Order a retrain from the corrections and watch it to its end; the candidate's version."""
    expect(page.get_by_role("link", name="Retrain on corrections")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{IMAGES} corrections")).to_be_visible()
    page.get_by_role("button", name="Retrain on corrections").press("Enter")
    badge = page.locator("[role=status] .badge")
    expect(badge).to_have_text("running", timeout=JOB_MS)
    expect(page.locator(".curves canvas").first).to_be_visible(timeout=JOB_MS)
    expect(badge).to_have_text(re.compile("promoted|rejected|failed"), timeout=JOB_MS)
    expect(badge).to_have_text("promoted")
    expect(page.locator(".curves canvas")).to_have_count(2)
    expect(page.get_by_text(re.compile("^Better: "))).to_be_visible()
    misread = page.locator(".differences img").first
    expect(misread).to_be_visible()
    assert misread.evaluate("(image) => image.naturalWidth") > 0
    return page.locator(".verdict code").first.inner_text()


def test_what_people_correct_is_read_right_from_then_on(
    browser: Browser, cluster: RunningCluster, labels: list[str]
) -> None:
    base = httpx.get(f"{cluster.base_url}/healthz/ready").json()["model_version"]
    with console_page(browser, cluster.base_url) as page:
        before = read_all(page, labels)
        assert before < IMAGES / 3
        assert correct_all(page, cluster, labels) < 2.0
        candidate = retrain(page)
        assert read_all(page, labels) >= before + IMAGES / 2

        page.get_by_role("link", name="Models").click()
        serving = page.locator(".family .serving")
        expect(serving).to_contain_text(candidate)
        expect(page.locator("table tbody tr").first).to_contain_text(candidate)
        page.get_by_role("button", name=f"Roll back to this: {base}").press("Enter")
        expect(page.get_by_text(f"{base} serves on")).to_be_visible(timeout=60_000)
        expect(serving).to_contain_text(base)
        expect(page.locator("table tbody tr").first).to_contain_text(base)
        assert read_all(page, labels) < IMAGES / 3


@pytest.mark.parametrize(
    ("screen", "scheme"), [("desk", "light"), ("desk", "dark"), ("phone", "light"), ("phone", "dark")]
)
def test_every_view_can_be_used_by_everybody(
    browser: Browser, cluster: RunningCluster, screen: Screen, scheme: Scheme
) -> None:
    with console_page(browser, cluster.base_url, screen=screen, scheme=scheme) as page:
        for view in VIEWS:
            open_view(page, view)
            assert violations(page) == [], view
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), f"{view} is too wide"
            keep_screenshot(page, f"{view}-{screen}-{scheme}")


def open_view(page: Page, view: str) -> None:
    """Go there and wait until what it shows is there."""
    name = {"job": "Train"}.get(view, view.capitalize())
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    if view == "read":
        files = sorted(Path(REPOSITORY / "docs" / "images").iterdir())
        drop(page, [(file.name, file.read_bytes()) for file in files])
        expect(page.locator(".card")).to_have_count(len(files), timeout=60_000)
    if view == "job":
        page.locator(".jobs a").first.click()
        expect(page.locator(".verdict, .way .done").first).to_be_visible()
    page.wait_for_load_state("networkidle" if view != "live" else "load")
