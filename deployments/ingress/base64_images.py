"""Base64 as browsers, scripts and mail programs write it (RFC 4648, RFC 2397, RFC 2045)."""

import binascii
import re

from deployments.errors import RequestError
from deployments.status import Status

_DATA_URL = re.compile(r"\s*data:[^,]{0,256};base64,", re.IGNORECASE)
_WHITESPACE = str.maketrans("", "", " \t\r\n\v\f")
_URL_SAFE = str.maketrans("-_", "+/")


def decode_base64_image(text: str, *, field: str, max_bytes: int) -> bytes:
    """The bytes of an image given in base64.

    Takes the standard and the URL-safe alphabet, with or without padding, white space and a
    ``data:`` prefix.

    Args:
        text: the base64 text.
        field: the field's name, for errors.
        max_bytes: largest image in bytes.

    Raises:
        RequestError: nothing there, no base64, or more than ``max_bytes``.
    """
    if prefix := _DATA_URL.match(text):
        text = text[prefix.end() :]
    if len(text) > max_bytes * 2:
        raise RequestError(Status.IMAGE_TOO_LARGE, f"{field}: more than {max_bytes} bytes")
    try:
        # As most write it; tidying first would take three times as long as this.
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        data = _decode_untidy(text, field)
    if not data:
        raise RequestError(Status.EMPTY_IMAGE, f"{field} holds no data")
    if len(data) > max_bytes:
        raise RequestError(Status.IMAGE_TOO_LARGE, f"{field}: {len(data)} bytes, the limit is {max_bytes}")
    return data


def _decode_untidy(text: str, field: str) -> bytes:
    text = text.translate(_WHITESPACE).translate(_URL_SAFE).rstrip("=")
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except ValueError as e:
        raise RequestError(Status.NOT_AN_IMAGE, f"{field} is not base64") from e
