import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.errors import RequestError
from deployments.ingress.base64_images import decode_base64_image
from deployments.status import Status


def decode(text: str, max_bytes: int = 1000) -> bytes:
    return decode_base64_image(text, field="image_base64", max_bytes=max_bytes)


@given(data=st.binary(min_size=1, max_size=200), line=st.integers(1, 76))
def test_every_way_of_writing_base64_is_taken(data: bytes, line: int) -> None:
    standard = base64.b64encode(data).decode()
    url_safe = base64.urlsafe_b64encode(data).decode()
    for text in (
        standard,
        url_safe,
        standard.rstrip("="),
        url_safe.rstrip("="),
        "\r\n".join(standard[i : i + line] for i in range(0, len(standard), line)),
        f"data:image/png;base64,{standard}",
        f" data:image/svg+xml;charset=utf-8;base64,{url_safe}\n",
    ):
        assert decode(text) == data


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", Status.EMPTY_IMAGE),
        ("  \n", Status.EMPTY_IMAGE),
        ("====", Status.EMPTY_IMAGE),
        ("data:image/png;base64,", Status.EMPTY_IMAGE),
        ("hello world!", Status.NOT_AN_IMAGE),
        ("äöü", Status.NOT_AN_IMAGE),
        ("\x00\x00\x00\x00", Status.NOT_AN_IMAGE),
        ("A", Status.NOT_AN_IMAGE),
        ("AAA=AAAA", Status.NOT_AN_IMAGE),
        ("data:image/png,AAAA", Status.NOT_AN_IMAGE),
        (base64.b64encode(b"x" * 1001).decode(), Status.IMAGE_TOO_LARGE),
        ("A" * 100_000, Status.IMAGE_TOO_LARGE),
    ],
)
def test_what_is_no_image_is_named(text: str, status: Status) -> None:
    with pytest.raises(RequestError) as error:
        decode(text)
    assert error.value.status is status
    assert "image_base64" in error.value.detail


def test_the_limit_is_named_and_exact() -> None:
    assert len(decode(base64.b64encode(b"x" * 1000).decode())) == 1000
    with pytest.raises(RequestError, match="1000"):
        decode(base64.b64encode(b"x" * 1001).decode())
