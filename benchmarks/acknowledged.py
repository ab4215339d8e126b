"""Clients that remember which images the service said it has: what a crash may not take away."""

import asyncio
import base64
import hashlib
import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp

from benchmarks.worst_images import png_chunk

_HEADER_END = 33
"""Bytes of a PNG file up to the end of its header chunk."""


def unlike_any_other(png: bytes) -> bytes:
    """The same picture in a file that there was never before."""
    return png[:_HEADER_END] + png_chunk(b"tEXt", b"id\0" + uuid.uuid4().bytes.hex().encode()) + png[_HEADER_END:]


@dataclass
class Acknowledged:
    """Clients at work, each sending when it was answered, for as long as the block runs.

    Attributes:
        base_url: of the service, on this machine.
        png: the picture that is sent.
        clients: how many send at once.
        sha256_of: of the image, by the id that came with the answer 200.
        took_s: seconds from request to each of those answers.
        unanswered: requests that got another answer or none.
    """

    base_url: str
    png: bytes
    clients: int = 8
    sha256_of: dict[str, str] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    unanswered: int = 0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._first = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._first.wait(60):
            raise TimeoutError("no image was read")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    async def _run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            await asyncio.gather(*(self._client(session) for _ in range(self.clients)))

    async def _client(self, session: aiohttp.ClientSession) -> None:
        for image in self._images():
            body = json.dumps({"image_base64": base64.b64encode(image).decode()}).encode()
            began_s = time.monotonic()
            try:
                async with session.post(f"{self.base_url}/captcha_recap_image", data=body) as answer:
                    found = await answer.json(content_type=None) if answer.status == 200 else None
            except (aiohttp.ClientError, TimeoutError, ValueError):
                found = None
            if found is None:
                self.unanswered += 1
                await asyncio.sleep(0.01)
                continue
            (recognition_id,) = found["content"]["list_id"]
            self.sha256_of[recognition_id] = hashlib.sha256(image).hexdigest()
            self.took_s.append(time.monotonic() - began_s)
            self._first.set()

    def _images(self) -> Iterator[bytes]:
        while not self._stop.is_set():
            yield unlike_any_other(self.png)
