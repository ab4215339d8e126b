"""The console's files as they are served: complete, without help from elsewhere, nothing inline."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from tests.support.cluster import REPOSITORY
from tests.unit.deployments.ingress.conftest import Serve

PAGES = Path(str(files("deployments"))) / "console"
SCRIPTS = sorted(path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*.js"))
IMPORTED = re.compile(r'^import (?:[^"]* from )?"([^"]+)";$', re.MULTILINE)


async def test_the_page_is_served_from_the_package_under_a_strict_policy(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.content == (PAGES / "index.html").read_bytes()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_page_holds_no_script_and_no_style_of_its_own(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", page) == []
    assert all(re.match(r'<script type="module" src="/console/', tag) for tag in re.findall(r"<script[^>]*>", page))
    assert re.findall(r"(?:src|href)=\"(?!/|#)", page) == []


async def test_all_that_the_page_names_is_there(client: httpx.AsyncClient) -> None:
    for path in re.findall(r"(?:src|href)=\"(/console/[^\"]+)\"", (await client.get("/")).text):
        answer = await client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-security-policy"]


@pytest.mark.parametrize("script", SCRIPTS)
async def test_a_script_imports_only_what_is_there(client: httpx.AsyncClient, script: str) -> None:
    answer = await client.get(f"/console/{script}")
    assert answer.headers["content-type"].split(";")[0] in {"text/javascript", "application/javascript"}
    for imported in IMPORTED.findall(answer.text):
        assert imported.startswith(("./", "../")), imported
        assert (PAGES / script).parent.joinpath(imported).is_file(), imported


async def test_files_are_asked_for_again_and_not_sent_twice(client: httpx.AsyncClient) -> None:
    first = await client.get("/console/js/main.js")
    assert first.headers["cache-control"] == "no-cache"
    again = await client.get("/console/js/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/console/", "/console/nothing.js", "/console/..%2fapp.py", "/console/js"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["message"]) == (404, "not found")


async def test_the_page_itself_needs_no_key_but_what_it_shows_does(serve: Serve) -> None:
    async with serve(read_keys={"kiosk": "k" * 20}) as client:
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/v1/status")).status_code == 401


def test_every_file_is_part_of_the_package() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    [pattern] = settings["tool"]["setuptools"]["package-data"]["deployments"]
    packaged = {path for path in PAGES.parent.glob(pattern) if path.is_file()}
    assert packaged == {path for path in PAGES.rglob("*") if path.is_file()}
