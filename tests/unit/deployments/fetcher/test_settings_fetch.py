"""FetchSettings: ranges, and that every field says what it means."""

import pytest
from pydantic import ValidationError

from deployments.settings.fetch import MAX_IMAGE_BYTES, FetchSettings


@pytest.mark.parametrize(
    "fields",
    [
        {"unknown": 1},
        {"allowed_hosts": ("http://a.test/",)},
        {"legacy_tls_hosts": ("10.0.0.0/8",)},
        {"legacy_tls_hosts": ("a b",)},
        {"cookie_name": ""},
        {"cookie_name": "a=b"},
        {"cookie_name": "a;b"},
        {"cookie_name": "a\r\nb"},
        {"user_agent": "a\r\nX: y"},
        {"user_agent": ""},
        {"allowed_ports": ()},
        {"allowed_ports": (0,)},
        {"allowed_ports": (65_536,)},
        {"connect_timeout_s": 0},
        {"total_timeout_s": 601},
        {"max_redirects": -1},
        {"max_redirects": 11},
        {"max_concurrency_per_host": 0},
        {"max_bytes": MAX_IMAGE_BYTES + 1},
        {"max_bytes": 0},
        {"max_total_bytes": 0},
    ],
)
def test_values_out_of_range_are_refused_by_name(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(fields))):
        FetchSettings.model_validate(fields)


def test_defaults_are_the_contracts() -> None:
    settings = FetchSettings()

    assert settings.allowed_hosts == ()
    assert settings.legacy_tls_hosts == ()
    assert settings.cookie_name == "session_id"
    assert settings.allowed_ports == (80, 443)
    assert settings.max_redirects == 3
    assert settings.max_bytes == 3 * 1024 * 1024


def test_every_field_says_what_it_means() -> None:
    for name, field in FetchSettings.model_fields.items():
        assert field.description, name
        if name.endswith(("_s", "_bytes")):
            assert ("Seconds" if name.endswith("_s") else "Bytes") in field.description
