"""A local server of captchas: what POST /captcha_image downloads from."""

import asyncio
import itertools
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from aiohttp import web

_START_S = 30.0


@contextmanager
def captcha_server(images: list[bytes]) -> Iterator[str]:
    """Serve ``images`` in turn, whatever the path, from a process of its own; gives its address, host:port."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(images, theirs), daemon=True)
    process.start()
    if not ours.poll(_START_S):
        raise TimeoutError("the captcha server did not start")
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(images: list[bytes], told: Connection) -> None:
    waiting = itertools.cycle(images)

    async def answer(request: web.Request) -> web.Response:
        del request
        return web.Response(body=next(waiting), content_type="image/png")

    async def app() -> web.Application:
        application = web.Application()
        application.router.add_get("/{path:.*}", answer)
        return application

    async def serve() -> None:
        runner = web.AppRunner(await app(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        told.send(f"{host}:{port}")
        await asyncio.Event().wait()

    asyncio.run(serve())
