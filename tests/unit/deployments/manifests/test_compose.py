"""compose.yaml: valid by the Compose specification, and its settings are settings of ours that work."""

import re

import pytest
import yaml
from compose_spec import PyCompose

from deployments.blobs.store import BlobStore
from deployments.settings.resolve import resolve_settings
from tests.support.cluster import REPOSITORY
from tests.unit.deployments.blobs.s3_server import S3Server

COMPOSE = REPOSITORY / "compose.yaml"
SECRET = "x9Kq2vTzLw84RbNm"


@pytest.fixture
def environment() -> dict[str, str]:
    """The service's variables as compose hands them over."""
    found = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["glyphserve"]["environment"]
    return {name: re.sub(r"\$\{[A-Z_]+:\?[^}]*\}", SECRET, value) for name, value in found.items()}


def test_it_follows_the_specification() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    PyCompose.from_yaml(text).validate()
    with pytest.raises(ValueError, match="unknown"):
        PyCompose.from_yaml(text.replace("shm_size: 1gb", "healthcheck: {unknown: 1}"))


def test_no_secret_has_a_default() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    used = re.findall(r"\$\{[^}]*\}", text)
    assert len(used) >= 5
    assert all(":?" in variable for variable in used)


def test_its_settings_are_settings_of_ours(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = resolve_settings({})
    assert list(settings.admin_keys) == ["ops"]
    assert settings.storage.resolved_records_url.endswith("@database/glyphserve")


@pytest.mark.slow
def test_the_blob_store_works_on_an_empty_s3_server(environment: dict[str, str], s3_server: S3Server) -> None:
    uri = environment["GLYPHSERVE_BLOBS_URI"].replace("store:9000", f"127.0.0.1:{s3_server.port}")
    BlobStore.open(uri).put("images/p", b"an image")
    store = BlobStore.open(uri)
    assert store.get("images/p") == b"an image"
