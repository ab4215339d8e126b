"""Images to store."""

from deployments.archive import NewRecognition
from deployments.records import Source


def entry(image: bytes = b"image", *, request_id: str = "r", text: str = "aB3") -> NewRecognition:
    """An image that was read."""
    return NewRecognition(
        image=image,
        media_type="image/png",
        request_id=request_id,
        source=Source.UPLOAD,
        text=text,
        confidence=0.75,
        character_confidences=(0.75, 1.0, 0.5),
        model_version="base-1",
    )
