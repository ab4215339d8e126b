from pathlib import Path

import pytest

from deployments.errors import ConfigError
from deployments.settings.access import is_loopback
from deployments.settings.environment import variable_names
from deployments.settings.resolve import resolve_settings

CONTRACT_VARIABLES = [
    "GLYPHSERVE_HOST",
    "GLYPHSERVE_PORT",
    "GLYPHSERVE_DATA_DIR",
    "GLYPHSERVE_RECORDS_URL",
    "GLYPHSERVE_BLOBS_URI",
    "GLYPHSERVE_FETCH__ALLOWED_HOSTS",
    "GLYPHSERVE_FETCH__LEGACY_TLS_HOSTS",
    "GLYPHSERVE_FETCH__COOKIE_NAME",
    "GLYPHSERVE_ADMIN_KEYS",
    "GLYPHSERVE_READ_KEYS",
]


def test_the_contract_names_exist() -> None:
    assert set(CONTRACT_VARIABLES) <= set(variable_names())


def test_defaults_are_the_contract_s() -> None:
    settings = resolve_settings({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.data_dir == Path("glyphserve-data")
    assert settings.fetch.cookie_name == "session_id"
    assert settings.fetch.allowed_hosts == ()
    assert settings.loopback_only


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHSERVE_PORT", "9001")
    monkeypatch.setenv("GLYPHSERVE_FETCH__ALLOWED_HOSTS", '["127.0.0.1", "10.0.0.0/8"]')
    monkeypatch.setenv("GLYPHSERVE_ADMIN_KEYS__OPS", "k" * 16)
    settings = resolve_settings({"port": 9000, "fetch": {"cookie_name": "sid"}})
    assert settings.port == 9001
    assert settings.fetch.allowed_hosts == ("127.0.0.1", "10.0.0.0/8")
    assert settings.fetch.cookie_name == "sid"
    assert settings.admin_keys["ops"].get_secret_value() == "k" * 16


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"prot": 1}, "prot"),
        ({"limits": {"body_byte": 1}}, "limits.body_byte"),
        ({"port": 70000}, "port"),
        ({"reading": {"batch_images": 0}}, "reading.batch_images"),
        ({"admin_keys": {"ops": "short"}}, "16 characters"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        resolve_settings(arguments)


@pytest.mark.parametrize(
    ("variable", "hint"),
    [("GLYPHSERVE_PROT", "GLYPHSERVE_PORT"), ("GLYPHSERVE_FETCH__ALOWED_HOSTS", "GLYPHSERVE_FETCH__ALLOWED_HOSTS")],
)
def test_a_misspelt_variable_is_an_error(monkeypatch: pytest.MonkeyPatch, variable: str, hint: str) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(ConfigError, match=f"{variable} sets nothing; did you mean {hint}"):
        resolve_settings({})


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHSERVE_RECORDS_URL", "postgresql://me:hunter2@db/records")
    settings = resolve_settings({"read_keys": {"kiosk": "abcdefghijklmnop"}})
    shown = repr(settings) + str(settings.model_dump()) + repr(settings.storage)
    assert "hunter2" not in shown
    assert "abcdefghijklmnop" not in shown


def test_a_wrong_secret_is_not_repeated_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHSERVE_ADMIN_KEYS__OPS", "tooshort-secret")
    with pytest.raises(ConfigError) as error:
        resolve_settings({})
    assert "tooshort-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_haproxy_refuses_before_an_ingress_has_to() -> None:
    settings = resolve_settings({})
    # It and its standby each let so many in.
    assert settings.reading.waiting_images >= 2 * settings.limits.requests_at_once
