"""A real HTTP(S) server on loopback that answers a new drawn image each time, and misbehaves where asked to.

    with CaptchaServer() as server:
        httpx.get(server.url("/captcha.png"))   # server.requests, server.connections say what arrived

Paths: ``/captcha.png`` a new image each time (its text: ``drawn_text(number)``) · ``/status/N`` that code ·
``/html`` a page with 200 · ``/empty`` no body · ``/endless`` bytes without end · ``/declared/N`` a Content-Length
of N and no more · ``/silent`` no answer · ``/stall`` the first half of an image, then nothing · ``/early`` the
first half, then the end · ``/garbage`` no HTTP · ``/gzip`` a compressed image · ``/bomb`` 1 GiB in a small gzip ·
``/cut-gzip`` half of a gzip · ``/brotli`` an encoding nobody asked for · ``/redirect/N`` N redirects, then an
image · ``/loop`` to itself · ``/to?URL`` to that URL · ``/nowhere`` a redirect without a place · ``/reverse/N``
waits for N connections, then answers the last first, each with the number of its connection.
"""

import contextlib
import functools
import gzip
import io
import random
import socket
import ssl
import sys
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from PIL import Image, ImageDraw, ImageFont

_CHUNK = bytes(64 * 1024)


def drawn_text(number: int) -> str:
    """The text on the ``number``-th image, counted from 0."""
    return "".join(random.Random(number).choices("0123456789", k=5))


def draw_captcha(number: int) -> bytes:
    """A PNG of 160x60 pixels that shows ``drawn_text(number)``."""
    image = Image.new("RGB", (160, 60), "white")
    ImageDraw.Draw(image).text((20, 8), drawn_text(number), fill="black", font=ImageFont.load_default(size=40))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@dataclass(frozen=True)
class SeenRequest:
    """A request that arrived: its path with query, headers by lower-case name, number of its connection."""

    path: str
    headers: dict[str, str]
    connection: int


@dataclass
class Seen:
    """What arrived at a server."""

    connections: int = 0
    requests: list[SeenRequest] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    images: int = 0
    faults: list[BaseException] = field(default_factory=list)


class CaptchaServer:
    """The server, in a thread of its own while the context is open.

    Args:
        tls: speak HTTPS with this context.
        draw: makes the image of a number, counted from 0.
        host: loopback address to listen on; the port is a free one.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        draw: Callable[[int], bytes] = draw_captcha,
        host: str = "127.0.0.1",
    ) -> None:
        self.seen = Seen()
        self.host = host
        self._scheme = "https" if tls else "http"
        self._httpd = _Httpd((host, 0), seen=self.seen, tls=tls, draw=draw)
        self.port = self._httpd.server_port
        self._thread = threading.Thread(target=self._httpd.serve_forever, kwargs={"poll_interval": 0.01})

    def url(self, path: str = "/captcha.png", *, host: str | None = None) -> str:
        """A URL of this server, under another name if given."""
        return f"{self._scheme}://{host or self.host}:{self.port}{path}"

    @property
    def connections(self) -> int:
        """How many connections arrived."""
        return self.seen.connections

    @property
    def requests(self) -> list[SeenRequest]:
        """The requests in the order in which they arrived."""
        return self.seen.requests

    def await_requests(self, count: int, timeout_s: float = 10.0) -> None:
        """Block until so many requests have arrived."""
        gate = self._httpd.gate
        with gate:
            assert gate.wait_for(lambda: len(self.requests) >= count, timeout_s)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._httpd.shutdown()
        self._httpd.hang_up()
        self._httpd.server_close()
        self._thread.join()
        assert self.seen.faults == []


class _Httpd(ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for them, so that nothing outlives a test
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        *,
        seen: Seen,
        tls: ssl.SSLContext | None,
        draw: Callable[[int], bytes],
    ) -> None:
        self.seen = seen
        self.draw = draw
        self.gate = threading.Condition()
        self.waiting = 0
        self.answered: set[int] = set()
        self._tls = tls
        self._open: dict[socket.socket, int] = {}
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: seen.server_names.append(name)
        super().__init__(address, _Handler)

    def number_of(self, connection: socket.socket) -> int:
        return self._open[connection]

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, peer = super().get_request()
        self._open[connection] = self.seen.connections
        self.seen.connections += 1
        return connection, peer

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        if self._tls is None:
            super().finish_request(request, client_address)
            return
        number = self._open[request]
        with self._tls.wrap_socket(request, server_side=True) as secured:
            self._open[secured] = number
            super().finish_request(secured, client_address)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.seen.faults.append(error)

    def hang_up(self) -> None:
        """Ends every open connection, and with it the threads that wait for their clients to go."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Httpd

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        number = self.server.number_of(self.connection)
        with self.server.gate:
            self.server.seen.requests.append(SeenRequest(self.path, headers, number))
            self.server.gate.notify_all()
        action, _, argument = self.path.lstrip("/").partition("/" if "?" not in self.path else "?")
        getattr(self, "_" + action.replace("-", "_").replace(".", "_"), self._unknown)(argument)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _draw(self) -> bytes:
        with self.server.gate:
            number = self.server.seen.images
            self.server.seen.images += 1
        return self.server.draw(number)

    def _answer(self, body: bytes = b"", *, code: int = 200, kind: str = "image/png", **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _unknown(self, _: str) -> None:
        self._answer(code=404)

    def _captcha_png(self, _: str) -> None:
        self._answer(self._draw())

    def _status(self, code: str) -> None:
        # Neither 204 nor 304 has a body.
        self._answer(b"" if code in {"204", "304"} else b"no", code=int(code), kind="text/plain")

    def _html(self, _: str) -> None:
        self._answer(b"<!doctype html><p>Please log in</p>", kind="text/html; charset=utf-8")

    def _empty(self, _: str) -> None:
        self._answer()

    def _endless(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while True:
            self.wfile.write(_CHUNK)

    def _declared(self, length: str) -> None:
        self._answer(Content_Length=length)
        self._await_hang_up()

    def _silent(self, _: str) -> None:
        self._await_hang_up()

    def _stall(self, _: str) -> None:
        image = self._draw()
        self._answer(image[: len(image) // 2], Content_Length=str(len(image)))
        self._await_hang_up()

    def _early(self, _: str) -> None:
        image = self._draw()
        self._answer(image[: len(image) // 2], Content_Length=str(len(image)))
        self.close_connection = True

    def _garbage(self, _: str) -> None:
        self.wfile.write(b"220 mail.example ESMTP\r\n")
        self.close_connection = True

    def _gzip(self, _: str) -> None:
        self._answer(gzip.compress(self._draw()), Content_Encoding="gzip")

    def _bomb(self, _: str) -> None:
        self._answer(gzip_bomb(), Content_Encoding="gzip")

    def _cut_gzip(self, _: str) -> None:
        packed = gzip.compress(self._draw())
        self._answer(packed[: len(packed) // 2], Content_Encoding="gzip")

    def _brotli(self, _: str) -> None:
        self._answer(self._draw(), Content_Encoding="br")

    def _redirect(self, hops: str) -> None:
        left = int(hops)
        self._answer(code=302, Location=f"/redirect/{left - 1}" if left > 1 else "/captcha.png")

    def _loop(self, _: str) -> None:
        self._answer(code=301, Location=self.path)

    def _to(self, url: str) -> None:
        self._answer(code=307, Location=unquote(url))

    def _nowhere(self, _: str) -> None:
        self._answer(code=302)

    def _reverse(self, count: str) -> None:
        server, number = self.server, self.server.number_of(self.connection)
        with server.gate:
            server.waiting += 1
            server.gate.notify_all()
            everyone_behind = range(number + 1, int(count))
            server.gate.wait_for(lambda: server.waiting == int(count) and server.answered >= {*everyone_behind})
            self._answer(str(number).encode(), kind="text/plain")
            server.answered.add(number)
            server.gate.notify_all()

    def _await_hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.recv(1)
        self.close_connection = True


@functools.cache
def gzip_bomb(expanded_mib: int = 1024) -> bytes:
    """A gzip of about a thousandth of its expanded size; its checksum, which nobody should reach, is wrong."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = compressor.compress(bytes(1024 * 1024)) + compressor.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(7) + block * expanded_mib + compressor.flush()
