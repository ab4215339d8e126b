import pytest

from deployments.retrainer.exchange import below


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/data/blobs", "/data/blobs/a/b"),
        ("file:///data/blobs/", "file:///data/blobs/a/b"),
        ("s3://bucket/prefix?region=eu&scheme=http", "s3://bucket/prefix/a/b?region=eu&scheme=http"),
        ("s3://bucket", "s3://bucket/a/b"),
    ],
)
def test_a_key_goes_before_the_query(uri: str, expected: str) -> None:
    assert below(uri, "a/b") == expected
