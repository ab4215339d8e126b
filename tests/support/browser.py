"""A real headless Chromium, Debian's own, and what the tests of the console do with it."""

import base64
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SCREENSHOTS = os.environ.get("GLYPHSERVE_TESTS_SCREENSHOTS")
"""Folder in which views are kept as pictures; none are if it is not set."""

Screen = Literal["desk", "phone"]
Scheme = Literal["light", "dark"]
_SIZES = {"desk": (1280, 800), "phone": (390, 844)}
_COLOURS = 128
_PATIENCE_MS = 20_000
_DROP = """([images]) => {
    const dropped = new DataTransfer();
    for (const [name, text] of images) {
        const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
        dropped.items.add(new File([bytes], name, { type: "image/png" }));
    }
    return dropped;
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; the test is skipped where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        # A container's own sandbox forbids Chromium's, which wants to make namespaces.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def console_page(browser: Browser, url: str, *, screen: Screen = "desk", scheme: Scheme = "light") -> Iterator[Page]:
    """The console in a fresh tab; nothing it asks for may come from elsewhere, and nothing may break in it."""
    width, height = _SIZES[screen]
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB", timezone_id="UTC"
    )
    context.add_init_script(path=AXE)
    page = context.new_page()
    elsewhere: list[str] = []
    broken: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if not _is_own(request.url, url) else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        page.goto(f"{url}/")
        yield page
        assert elsewhere == []
        assert broken == []
    finally:
        context.close()


def drop(page: Page, images: Sequence[tuple[str, bytes]]) -> None:
    """Drop files on the page, as from a file manager."""
    files = [[name, base64.b64encode(data).decode()] for name, data in images]
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": page.evaluate_handle(_DROP, [files])})


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG and its best practices."""
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html']}" for rule in found["violations"]]


def keep_screenshot(page: Page, name: str) -> None:
    """Keep the page as a small PNG, where somebody asked for pictures."""
    if SCREENSHOTS is None:
        return
    path = Path(SCREENSHOTS) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, animations="disabled")
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def _is_own(url: str, service: str) -> bool:
    return url.startswith((f"{service}/", "blob:", "data:"))
