"""The plain twin: what one would write instead of glyphserve, for comparison under the same load.

    python -m benchmarks.services.twin --port 8001 --data-dir /tmp/twin

FastAPI on two uvicorn workers with the same reader and the same storage; no batching over
requests, no cluster, no update without a restart. Answers POST /captcha_recap_image only.
"""

import argparse
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from benchmarks.services.two_workers import serve
from deployments.archive import Archive, NewRecognition
from deployments.records import Source
from deployments.settings.storage import StorageSettings
from ocr_model.errors import ImageError
from ocr_model.reader import Reader
from ocr_model.weights import base_folder

DATA_DIR = "TWIN_DATA_DIR"


class Body(BaseModel):
    """The request."""

    image_base64: str


def create_app() -> FastAPI:
    """The application of one worker."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.reader = Reader.load(base_folder())
        app.state.archive = Archive.open(StorageSettings(data_dir=Path(os.environ[DATA_DIR])))
        yield
        await app.state.archive.close()

    app = FastAPI(lifespan=lifespan)

    @app.post("/captcha_recap_image")
    async def recap(body: Body) -> dict[str, Any]:
        image = base64.b64decode(body.image_base64)
        (reading,) = await run_in_threadpool(app.state.reader.read, [image])
        if isinstance(reading, ImageError):
            raise reading
        row = NewRecognition(
            image=image,
            media_type="image/png",
            source=Source.UPLOAD,
            request_id="",
            text=reading.text,
            confidence=reading.confidence,
            character_confidences=reading.character_confidences,
            model_version=app.state.reader.version,
        )
        ids = await app.state.archive.store([row])
        content = {"list_id": ids, "list_label": [reading.text], "list_path": [f"/images/{id_}" for id_ in ids]}
        return {"message": "", "error": "", "content": content}

    return app


def main() -> None:
    """Serve on loopback until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--data-dir", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.data_dir.mkdir(parents=True, exist_ok=True)
    os.environ[DATA_DIR] = str(arguments.data_dir)
    serve("benchmarks.services.twin:create_app", port=arguments.port)


if __name__ == "__main__":
    main()
