"""GET /images/{id}: an image as it was received."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from deployments.errors import RequestError
from deployments.ingress.doors import may_read
from deployments.ingress.failures import documented_failures
from deployments.ingress.services import InjectedServices
from deployments.status import Status

router = APIRouter(tags=["records"], dependencies=[Depends(may_read)])

RecognitionId = Annotated[str, Path(description="Id from list_id.", max_length=64)]
_IMAGE = {
    "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    "description": "The file.",
}


@router.get(
    "/images/{id}",
    response_class=Response,
    responses={200: _IMAGE, **documented_failures(400, 401, 404, 503)},
    summary="An image as received",
)
async def image(id: RecognitionId, services: InjectedServices) -> Response:  # noqa: A002 - the contract's name
    """The bytes of an image that was read, exactly as they came."""
    stored = await services.archive.image(id)
    if stored is None:
        raise RequestError(Status.NOT_FOUND, "no image has this id")
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(stored.data, media_type=stored.media_type, headers=headers)
