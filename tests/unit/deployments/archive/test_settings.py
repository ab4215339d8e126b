"""Defaults in the data folder, secrets out of sight, mistakes named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from deployments.settings.storage import StorageSettings, masked


def test_both_stores_lie_in_the_data_folder_unless_named() -> None:
    embedded = StorageSettings(data_dir=Path("/data"))
    assert embedded.resolved_records_url == "sqlite:////data/records.db"
    assert embedded.resolved_blobs_uri == "/data/blobs"

    named = StorageSettings(records_url="postgresql://db/name", blobs_uri="s3://bucket/folder")
    assert named.resolved_records_url == "postgresql://db/name"
    assert named.resolved_blobs_uri == "s3://bucket/folder"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://user:secret@host/name", "postgresql://user:***@host/name"),
        ("postgresql://host/name?user=u&password=secret&x=1", "postgresql://host/name?user=u&password=***&x=1"),
        ("s3://key:secret@bucket/folder?region=r", "s3://key:***@bucket/folder?region=r"),
        ("s3://bucket?secret_key=secret", "s3://bucket?secret_key=***"),
        ("sqlite:////data/records.db", "sqlite:////data/records.db"),
        ("/data/blobs", "/data/blobs"),
    ],
)
def test_secrets_are_masked(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_nothing_that_prints_settings_prints_a_secret() -> None:
    settings = StorageSettings(
        records_url="postgresql://user:secret@host/name", blobs_uri="s3://key:secret@bucket/folder"
    )
    assert "secret" not in repr(settings) + str(settings)
    assert settings.resolved_records_url == "postgresql://user:secret@host/name"

    with pytest.raises(ValidationError) as caught:
        StorageSettings(records_url="mysql://user:secret@host/name")
    assert "records_url" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"record_url": "sqlite:///x"},
        {"database_timeout_s": 0},
        {"orphan_age_s": 1},
        {"queue_max_images": 10},
        {"queue_max_bytes": 2**20},
    ],
)
def test_a_wrong_setting_is_an_error(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StorageSettings.model_validate(wrong)
