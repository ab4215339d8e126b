"""A response's bytes, never more of them in memory than allowed, compressed or not."""

import zlib
from collections.abc import AsyncIterator

from deployments.errors import LinkUnreachableError, RequestError
from deployments.status import Status

# Asked for is identity; some servers compress regardless. Other encodings have no bounded decoder here.
_INFLATED = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class ByteBudget:
    """What all images of one request may still take.

    Args:
        total_bytes: the whole of it.
    """

    def __init__(self, total_bytes: int) -> None:
        self.total_bytes = total_bytes
        self.left_bytes = total_bytes


async def read_body(
    chunks: AsyncIterator[bytes],
    *,
    encoding: str,
    declared_bytes: int | None,
    max_bytes: int,
    budget: ByteBudget,
) -> bytes:
    """Read a body to its end.

    Args:
        chunks: the bytes as they arrive.
        encoding: the Content-Encoding header, empty where there is none.
        declared_bytes: the Content-Length, None where there is none.
        max_bytes: most bytes of the body, as they arrive and decoded.
        budget: shared with the other downloads of the request; lowered by what is read.

    Raises:
        LinkUnreachableError: more bytes than allowed, or an encoding that is unknown or broken.
        RequestError: EMPTY_IMAGE, the body is empty.
    """
    decoder = _decoder(encoding)
    body = bytearray()
    arrived_bytes = declared_bytes or 0
    if arrived_bytes > max_bytes:
        raise _too_large(max_bytes)
    arrived_bytes = 0
    async for chunk in chunks:
        arrived_bytes += len(chunk)
        if arrived_bytes > max_bytes:
            raise _too_large(max_bytes)
        allowed = min(max_bytes - len(body), budget.left_bytes)
        decoded = _inflate(decoder, chunk, allowed) if decoder is not None else chunk
        if len(decoded) > allowed:
            raise _too_large(max_bytes) if max_bytes - len(body) <= allowed else _too_much(budget)
        budget.left_bytes -= len(decoded)
        body += decoded
    if decoder is not None and arrived_bytes and not decoder.eof:
        raise LinkUnreachableError("image_url answered with compressed data that ends too early")
    if not body:
        raise RequestError(Status.EMPTY_IMAGE, "image_url answered with an empty body")
    return bytes(body)


def _decoder(encoding: str) -> "zlib._Decompress | None":
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return None
    if name not in _INFLATED:
        raise LinkUnreachableError("image_url answered with a content encoding that was not asked for")
    return zlib.decompressobj(_GZIP_OR_ZLIB)


def _inflate(decoder: "zlib._Decompress", chunk: bytes, allowed: int) -> bytes:
    """Decompress, stopping one byte past what is allowed; a bomb costs no more than that."""
    if decoder.eof:
        return b""
    try:
        return decoder.decompress(chunk, allowed + 1)
    except zlib.error as e:
        raise LinkUnreachableError("image_url answered with broken compressed data") from e


def _too_large(max_bytes: int) -> LinkUnreachableError:
    return LinkUnreachableError(f"image_url answered with more than {max_bytes} bytes for one image")


def _too_much(budget: ByteBudget) -> LinkUnreachableError:
    return LinkUnreachableError(
        f"image_url answered with more than {budget.total_bytes} bytes for the images of one request"
    )
