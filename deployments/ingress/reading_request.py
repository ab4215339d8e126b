"""The path that both reading routes share: read, check each image, store, answer."""

from collections.abc import Sequence

from fastapi.responses import JSONResponse

from deployments.archive import NewRecognition
from deployments.errors import RequestError
from deployments.ingress.bodies import Restriction
from deployments.ingress.media_type import media_type_of
from deployments.ingress.services import Services
from deployments.logs import request_id
from deployments.metrics.catalogue import CONFIDENCE, READS
from deployments.protocol import ReadJob, ReadResult, UnreadableImage
from deployments.records import Source
from deployments.status import Status
from ocr_model.constraint import Constraint
from ocr_model.errors import ConstraintError
from ocr_model.reading import Reading


def constraint_of(body: Restriction) -> Constraint:
    """The restriction that a body asks for.

    Raises:
        RequestError: it contradicts itself or can never be met.
    """
    characters = None if body.charset is None else frozenset(body.charset)
    try:
        return Constraint(characters=characters, min_length=body.min_length, max_length=body.max_length)
    except ConstraintError as e:
        raise RequestError(Status.BAD_CONSTRAINT, str(e)) from e


async def read_and_answer(
    services: Services, images: Sequence[bytes], constraint: Constraint, *, source: Source, details: bool
) -> JSONResponse:
    """Read images, store images and readings durably, answer them together.

    Args:
        services: what the routes work with.
        images: the files, in the order they were obtained.
        constraint: what the answers may look like.
        source: how the images came, for the records.
        details: whether the answer holds confidences and model versions.

    Raises:
        RequestError: an image is unreadable, the model or the storage failed; nothing is stored.
    """
    result = await services.reading.read(
        ReadJob(request_id=request_id.get(), images=tuple(images), constraint=constraint)
    )
    return await store_and_answer(services, images, result, source=source, details=details)


async def store_and_answer(
    services: Services, images: Sequence[bytes], result: ReadResult, *, source: Source, details: bool
) -> JSONResponse:
    """The part of ``read_and_answer`` that follows reading."""
    readings = _all_readable(result, source)
    rows = [
        NewRecognition(
            image=image,
            media_type=media_type_of(image),
            source=source,
            request_id=request_id.get(),
            text=reading.text,
            confidence=reading.confidence,
            character_confidences=reading.character_confidences,
            model_version=result.model_version,
        )
        for image, reading in zip(images, readings, strict=True)
    ]
    ids = await services.archive.store(rows)
    services.meter.count(READS, len(readings), outcome="read")
    for reading in readings:
        services.meter.observe(CONFIDENCE, reading.confidence, model_version=result.model_version)
    content: dict[str, list[str] | list[float]] = {
        "list_id": ids,
        "list_label": [reading.text for reading in readings],
        "list_path": [f"/images/{id_}" for id_ in ids],
    }
    if details:
        content["list_confidence"] = [round(reading.confidence, 4) for reading in readings]
        content["list_model_version"] = [result.model_version] * len(readings)
    return JSONResponse(
        {"message": "", "error": "", "content": content}, headers={"X-Model-Version": result.model_version}
    )


def _all_readable(result: ReadResult, source: Source) -> list[Reading]:
    readings = []
    for number, reading in enumerate(result.readings, start=1):
        if isinstance(reading, UnreadableImage):
            where = f"image {number} of {len(result.readings)}" if source is Source.URL else "image_base64"
            raise RequestError(reading.status, f"{where}: {reading.detail}")
        readings.append(reading)
    return readings
