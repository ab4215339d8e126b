"""GET /: the console, a page for people, and the files that it is made of."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PAGES = Path(__file__).parents[2] / "console"
FILES_PATH = "/console"

# Asked for again each time, and answered 304 unless an upgrade changed it.
_HEADERS = {"Cache-Control": "no-cache"}

router = APIRouter(tags=["console"])


@router.get("/", response_class=FileResponse, summary="The console", responses={200: {"content": {"text/html": {}}}})
async def console() -> FileResponse:
    """A web page for people: read, correct, retrain, watch, roll back."""
    return FileResponse(PAGES / "index.html", media_type="text/html", headers=_HEADERS)


class ConsoleFiles(StaticFiles):
    """The page's scripts and styles; whoever may load the page may load them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        answer = await super().get_response(path, scope)
        answer.headers.update(_HEADERS)
        return answer


def console_files() -> Mount:
    """The route of the files."""
    return Mount(FILES_PATH, app=ConsoleFiles(directory=PAGES), name="console")
