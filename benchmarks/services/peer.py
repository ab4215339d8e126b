"""Another project's reader behind FastAPI on two uvicorn workers, as its users serve it; nothing is stored.

python -m benchmarks.services.peer --reader ddddocr --port 8001
"""

import argparse
import base64
import os
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from benchmarks import peers
from benchmarks.services.two_workers import serve

READER = "PEER_READER"
READERS = {"ddddocr": peers.ddddocr, "rapidocr": peers.rapidocr}


class Body(BaseModel):
    """The request."""

    image_base64: str


def create_app() -> FastAPI:
    """The application of one worker."""
    read = READERS[os.environ[READER]]()
    app = FastAPI()

    @app.post("/captcha_recap_image")
    async def recap(body: Body) -> dict[str, Any]:
        (text,) = await run_in_threadpool(read, [base64.b64decode(body.image_base64)])
        return {"message": "", "error": "", "content": {"list_label": [text]}}

    return app


def main() -> None:
    """Serve on loopback until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reader", choices=READERS, required=True)
    parser.add_argument("--port", type=int, default=8001)
    arguments = parser.parse_args()
    os.environ[READER] = arguments.reader
    serve("benchmarks.services.peer:create_app", port=arguments.port)


if __name__ == "__main__":
    main()
