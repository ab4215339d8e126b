import json
import logging
from pathlib import Path

import pytest

from deployments.errors import ConfigError
from deployments.ingress.keyring import Keyring
from deployments.settings.resolve import resolve_settings
from tests.unit.deployments.ingress.conftest import Serve

OLD, NEW, READ = "old-" * 5, "new-" * 5, "read" * 5


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def write(path: Path, **keys: dict[str, str]) -> None:
    """As editors and secret stores do: a new file in the old one's place."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(keys), encoding="utf-8")
    new.replace(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write(tmp_path / "keys.json", admin={"ops": OLD}, read={"kiosk": READ})
    return tmp_path / "keys.json"


def test_keys_are_rotated_without_a_restart(path: Path) -> None:
    clock = Clock()
    keys = Keyring(resolve_settings({"doors": {"keys_file": str(path)}}), clock=clock)
    assert (keys.admin_key_name(OLD), keys.admin_key_name(NEW), keys.read_key_name(READ)) == ("ops", None, "kiosk")

    write(path, admin={"ops": OLD, "ops-2": NEW})
    clock.now += 1
    assert (keys.admin_key_name(OLD), keys.admin_key_name(NEW), keys.read_key_name(READ)) == ("ops", "ops-2", None)
    assert not keys.has_read_keys

    write(path, admin={"ops-2": NEW})
    clock.now += 1
    assert (keys.admin_key_name(OLD), keys.admin_key_name(NEW)) == (None, "ops-2")


@pytest.mark.parametrize("content", ["", "{", '{"admin": {}}', '{"admin": {"ops": "short"}}', '{"admn": {}}', None])
def test_a_file_gone_wrong_opens_nothing_and_tells_no_key(
    path: Path, content: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    keys = Keyring(resolve_settings({"doors": {"keys_file": str(path)}}), clock=clock)
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    clock.now += 1
    with caplog.at_level(logging.INFO, "deployments"):
        assert (keys.admin_key_name(OLD), keys.read_key_name(READ)) == ("ops", "kiosk")
    assert [record.message for record in caplog.records] == ["the keys in force stay as they were"]
    assert OLD not in caplog.text
    assert "short'" not in str(vars(caplog.records[0])["reason"])

    with pytest.raises(ConfigError, match="keys_file"):
        Keyring(resolve_settings({"doors": {"keys_file": str(path)}}))


def test_keys_of_the_settings_stay_valid_beside_those_of_the_file(path: Path) -> None:
    keys = Keyring(resolve_settings({"admin_keys": {"root": NEW}, "doors": {"keys_file": str(path)}}))
    assert [keys.admin_key_name(key) for key in (OLD, NEW)] == ["ops", "root"]


async def test_the_application_asks_for_the_file_s_keys(
    serve: Serve, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "deployments"):
        async with serve(doors={"keys_file": str(path)}) as client:
            for key, write_code, read_code in (("", 401, 401), (READ, 401, 200), (OLD, 404, 200)):
                headers = {"X-API-Key": key}
                assert (await client.delete("/v1/retrains/0", headers=headers)).status_code == write_code
                assert (await client.get("/v1/models", headers=headers)).status_code == read_code
    assert "write" in caplog.messages
    everything = " ".join(str(vars(record)) for record in caplog.records)
    assert OLD not in everything
    assert READ not in everything
